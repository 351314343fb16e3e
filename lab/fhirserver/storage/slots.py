"""The slots that the search parameters of a release have, of those that ``hot.py`` names.

A parameter may be of one type in one release and of another in the next (``_profile`` is a URI in R4 and a
reference in R5): it has a slot where its values are such as the slot holds.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from lab.fhirserver.storage.catalogue import parameters
from lab.fhirserver.storage.hot import hot
from lab.model.release import Release

_KINDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "token": frozenset({"token", "uri"}),
        "reference": frozenset({"reference"}),
        "date": frozenset({"date"}),
        "quantity": frozenset({"quantity"}),
    }
)
"""The types of parameters whose values a slot holds, by its name without a number."""


@cache
def slots(type_: str, release: Release) -> Mapping[str, str]:
    """Return the slot of each parameter of a type that has one."""
    known = parameters(type_, release)
    return MappingProxyType(
        {
            code: slot
            for code, slot in hot(type_).slots.items()
            if code in known and known[code].definition.type in _KINDS[slot.rstrip("0123456789")]
        }
    )
