"""Probes of the five levels."""
