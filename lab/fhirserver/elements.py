"""What the server must know of the elements of R4: those of a summary, mandatory ones, implicit systems.

Source: StructureDefinitions of R4 (``data/r4.elements.json``, built by ``tools/build_server_elements.py``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import orjson


@dataclass(frozen=True)
class Elements:
    """Top-level elements of one type, a choice by the name before its type (``value`` for ``valueString``).

    ``systems`` gives, by search parameter, the code system of an element of type code.
    """

    summary: frozenset[str]
    required: frozenset[str]
    modifier: frozenset[str]
    systems: Mapping[str, str]


@cache
def elements(type_: str) -> Elements:
    """Return the elements of a served type; of another, nothing is known."""
    entry = _document().get(type_, {})
    return Elements(
        summary=frozenset(entry.get("summary", ())),
        required=frozenset(entry.get("required", ())),
        modifier=frozenset(entry.get("modifier", ())),
        systems=entry.get("systems", {}),
    )


@cache
def _document() -> dict[str, Any]:
    document: dict[str, Any] = orjson.loads((files("lab.fhirserver") / "data/r4.elements.json").read_bytes())
    return document
