"""The structure of the hospital as its resources say it: names, parents, beds."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from synthetic_data.description.source import Source, damaged
from synthetic_data.verification.frames import FrameError, offsets, read_block

_POLE, _BED = "POLE", "bd"
_DEEPEST = 20  # parents followed: a foreign folder might go round in circles


@dataclass(frozen=True, slots=True)
class Structure:
    """`names`, `parents` and `types` by reference (`Organization/...`); `beds`: how many there are."""

    names: dict[str, str]
    parents: dict[str, str]
    types: dict[str, str]
    beds: int

    def pole_of(self, unit: str) -> str:
        """Give the reference of the pôle above a unit; the unit itself when there is none."""
        found = unit
        for _ in range(_DEEPEST):
            if self.types.get(found) == _POLE:
                return found
            found = self.parents.get(found, "")
        return unit

    def name_of(self, reference: str) -> str:
        """Give the name of a structure, its reference when it has none."""
        return self.names.get(reference) or reference


def structure_of(source: Source) -> Structure:
    """Read the organisations and the beds; FolderError when their files are damaged."""
    names, parents, types = {}, {}, {}
    for one in _resources(source, "Organization"):
        reference = f"Organization/{one.get('id', '')}"
        names[reference] = str(one.get("name", ""))
        parents[reference] = str(one.get("partOf", {}).get("reference", ""))
        types[reference] = next((_code(concept) for concept in one.get("type", [])), "")
    beds = sum(_code(one.get("physicalType", {})) == _BED for one in _resources(source, "Location"))
    return Structure(names, parents, types, beds)


def _resources(source: Source, type_: str) -> Iterator[dict[str, Any]]:
    for file in source.of(type_):
        try:
            for place in offsets(file):
                yield from map(orjson.loads, filter(None, read_block(source.path, file, place).split(b"\n")))
        except (FrameError, orjson.JSONDecodeError) as error:
            raise damaged(source.path, file.name, type(error).__name__, type(error).__name__) from None


def _code(concept: dict[str, Any]) -> str:
    codings = concept.get("coding") or [{}]
    return str(codings[0].get("code", ""))
