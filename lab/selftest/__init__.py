"""Prove that every check can fail: each against its mutant, and none against the unbroken pair."""
