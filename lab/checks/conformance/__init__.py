"""Conformance checks: servers are called, clients are watched."""
