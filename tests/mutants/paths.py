"""Tell from a request what it is about, for mutants that change only some answers."""

PROBE = b"urn:fhir-integration-lab:test"
"""The identifier system of the Patients that checks create: a hole that spares them troubles fewer checks."""


def is_read(scope):
    """GET [base]/[type]/[id]."""
    parts = scope["path"].split("/")
    return scope["method"] == "GET" and len(parts) == 4 and parts[2][:1].isupper()


def is_search(scope):
    """GET [base]/[type]."""
    parts = scope["path"].split("/")
    return scope["method"] == "GET" and len(parts) == 3 and parts[2][:1].isupper()


def is_at(end):
    """Any method on a path with that end."""
    return lambda scope: scope["path"].endswith(end)


def without(headers, name):
    """Leave one header out."""
    return [(key, value) for key, value in headers if key != name]
