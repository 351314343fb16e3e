"""Open writes by criteria on the gateway and declare them: it opens none of its own.

A server that offers them is then what the gateway would be, with one flaw more.
"""

from lab.gateway import declared
from tests.mutants.holes import admit


def by_criteria(request):
    """Tell whether the request updates or deletes what its parameters find."""
    return request.method in {"PUT", "DELETE"} and request.type is not None and request.id is None


def open_writes_by_criteria():
    """Let the full identity write by criteria, and say so in the CapabilityStatement."""
    declared._NEVER.clear()
    admit(by_criteria, "reference-full")
