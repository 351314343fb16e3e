"""Build what the embedded server must know of the elements of each release, from the same packages.

Run it from the root of the repository: ``python -m tools.build_server_elements``. The same packages
always give the same bytes.

For each type: ``summary``, ``required`` and ``modifier`` list its top-level elements (the choice
``value[x]`` as ``value``); ``systems`` gives the code system of the elements of type code that a search
parameter reads.
"""

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from lab.fhir import search_parameters
from lab.fhirserver.storage.catalogue import served_types
from lab.model.release import Release
from tools.definitions import source, source_r5
from tools.definitions.source import Json, Source

FOLDER = Path(__file__).parents[1] / "lab/fhirserver/data"


def main() -> None:
    """Write the artefacts into the package."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--archive", type=Path, help="the package of R4, already downloaded")
    parser.add_argument("--archive-r5", type=Path, help="the package of R5, already downloaded")
    asked = parser.parse_args()
    _write("R4", source.read(asked.archive))
    _write("R5", source_r5.read(asked.archive_r5))


def _write(release: Release, given: Source) -> None:
    types = {type_: elements(given, release, type_) for type_ in served_types(release)}
    options = orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    document = orjson.dumps({"source": dict(given.origin)} | types, option=options)
    (FOLDER / f"{release.lower()}.elements.json").write_bytes(document)


def elements(given: Source, release: Release, type_: str) -> Json:
    """Return the entry of one type."""
    top = [e for e in _snapshot(given, type_) if e["path"].count(".") == 1]
    read_as_code = {
        code: system
        for code, parameter in search_parameters.definitions(type_, release).items()
        if parameter.type == "token"
        for system in [_only(_system(given, type_, path) for path in parameter.paths)]
        if system
    }
    return {
        "summary": [_name(e) for e in top if e.get("isSummary")],
        "required": [_name(e) for e in top if e["min"] > 0],
        "modifier": [_name(e) for e in top if e.get("isModifier")],
        "systems": read_as_code,
    }


def _name(element: Json) -> str:
    return str(element["path"].partition(".")[2].removesuffix("[x]"))


def _snapshot(given: Source, type_: str) -> list[Any]:
    return list(given.structures[type_]["snapshot"]["element"])


def _only(systems: Iterable[str | None]) -> str | None:
    found = set(systems)
    return found.pop() if len(found) == 1 else None


def _system(given: Source, type_: str, path: tuple[str, ...]) -> str | None:
    """Return the one code system of the element at a path, if it is a code bound to one."""
    here = type_
    for name in path:
        found = [e for e in _snapshot(given, here.split(".")[0]) if e["path"] == f"{here}.{name}"]
        if not found or len(found[0].get("type", ())) != 1:
            return None
        element = found[0]
        kind = element["type"][0]["code"]
        here = element["path"] if kind in {"BackboneElement", "Element"} else kind
    if here != "code" or "binding" not in element:
        return None
    value_set = given.value_sets.get(element["binding"].get("valueSet", "").partition("|")[0], {})
    return _only(include.get("system") for include in value_set.get("compose", {}).get("include", ()))


if __name__ == "__main__":
    main()
