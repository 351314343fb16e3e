"""Tableau des urgences: an emergency-department board fed by the FHIR platform of a hospital."""

VERSION = "1.0.0"
