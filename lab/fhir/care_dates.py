"""The search parameter that says when the care took place that a resource is about.

``start`` and ``end`` of ``$everything`` are compared with it; a type without one has no date of care.
Spec: https://hl7.org/fhir/R4/operation-patient-everything.html
"""

from lab.fhir.search_parameters import definitions
from lab.model.release import Release

_CODES = (
    *("date", "onset-date", "authoredon", "authored", "authored-on", "started", "collected"),
    *("effective-time", "effective", "occurrence", "created", "service-date", "whenprepared", "sent"),
)
"""In the order of preference; a type has the first of them that is one of its dates."""


def care_date(type_: str, release: Release = "R4") -> str | None:
    """Return the code of the parameter, None for a type without one."""
    known = definitions(type_, release)
    return next((code for code in _CODES if code in known and known[code].type == "date"), None)
