"""Write the SearchParameters of R5 that leave the type of an element out as the others are written.

Some paths on Appointment are not written from the type (``requestedPeriod``). ``clinical-date`` has CareTeam
as a base and describes what it reads of it (the time of its coverage), but lists no path for it.

Spec: https://hl7.org/fhir/R5/appointment.html#search and https://hl7.org/fhir/R5/careteam.html#search
"""

from collections.abc import Mapping
from typing import Any

Definition = dict[str, Any]

_WRITTEN: Mapping[str, tuple[tuple[str, str], ...]] = {
    "Appointment-requested-period": (("requestedPeriod", "Appointment.requestedPeriod"),),
    "clinical-date": (
        (
            "(start | requestedPeriod.start).first()",
            "(Appointment.start | Appointment.requestedPeriod.start).first()",
        ),
        ("CarePlan.period |", "CarePlan.period | CareTeam.period |"),
    ),
}


def corrected(parameter: Definition) -> Definition:
    """Return a SearchParameter with each path written from its type.

    Raises:
        ValueError: the expression is not the one that was corrected.
    """
    expression = parameter.get("expression", "")
    for published, written in _WRITTEN.get(parameter["id"], ()):
        if expression.count(published) != 1:
            raise ValueError(f"{parameter['id']} of R5 no longer says {published}: look at its correction.")
        expression = expression.replace(published, written)
    return {**parameter, "expression": expression} if expression else parameter
