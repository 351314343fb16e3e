"""Requirement sets as CSV, in the column layout of Inferno so that files can be exchanged."""
