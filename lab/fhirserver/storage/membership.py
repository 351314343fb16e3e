"""Who is in a Group, from the Group resource to rows with the time during which they are.

Spec: https://hl7.org/fhir/R4/group.html
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import tzinfo
from typing import Any

from lab.fhirserver.storage.references import target
from lab.fhirserver.storage.times import BEGINNING, END, interval

Member = tuple[str, int, int]
"""id of a patient, and the interval [low, high) of the membership in milliseconds UTC"""


def members(group: Mapping[str, Any], bases: Collection[str], zone: tzinfo) -> Iterator[Member]:
    """Yield the members that are patients; an inactive Group has none, nor has an unreadable period."""
    if group.get("active") is False:
        return
    for member in group.get("member", ()):
        literal = member.get("entity", {}).get("reference")
        pointed = target(literal, bases) if isinstance(literal, str) else None
        if pointed is None or pointed.type != "Patient" or member.get("inactive") is True:
            continue
        period = member.get("period", {})
        try:
            low = interval(period["start"], zone)[0] if "start" in period else BEGINNING
            high = interval(period["end"], zone)[1] if "end" in period else END
        except ValueError:
            continue
        yield pointed.id, low, high
