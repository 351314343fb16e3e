"""What the server must know of elements: those of a summary, mandatory ones, implicit systems.

Source: StructureDefinitions (``data/*.elements.json``, built by ``tools/build_server_elements.py``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from lab.model.release import Release


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
def elements(type_: str, release: Release) -> Elements:
    """Return the elements of a served type; of another, nothing is known."""
    entry = _document(release).get(type_, {})
    return Elements(
        summary=frozenset(entry.get("summary", ())),
        required=frozenset(entry.get("required", ())),
        modifier=frozenset(entry.get("modifier", ())),
        systems=entry.get("systems", {}),
    )


@cache
def _document(release: Release) -> dict[str, Any]:
    path = files("lab.fhirserver") / "data" / f"{release.lower()}.elements.json"
    document: dict[str, Any] = orjson.loads(path.read_bytes())
    return document
