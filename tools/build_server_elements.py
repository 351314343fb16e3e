"""Build what the embedded server must know of the elements of R4, from the same package as the definitions.

Run it from the root of the repository: ``python -m tools.build_server_elements``. The same package always
gives the same bytes.

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
from tools.definitions import source
from tools.definitions.source import Json, Source

OUTPUT = Path(__file__).parents[1] / "lab/fhirserver/data/r4.elements.json"


def main() -> None:
    """Write the artefact into the package."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--archive", type=Path, help="the package, already downloaded")
    definitions = source.read(parser.parse_args().archive)
    document = {"source": dict(definitions.origin)} | {t: elements(definitions, t) for t in served_types()}
    OUTPUT.parent.mkdir(exist_ok=True)
    options = orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    OUTPUT.write_bytes(orjson.dumps(document, option=options))


def elements(definitions: Source, type_: str) -> Json:
    """Return the entry of one type."""
    top = [e for e in _snapshot(definitions, type_) if e["path"].count(".") == 1]
    read_as_code = {
        code: system
        for code, parameter in search_parameters.definitions(type_).items()
        if parameter.type == "token"
        for system in [_only(_system(definitions, type_, path) for path in parameter.paths)]
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


def _snapshot(definitions: Source, type_: str) -> list[Any]:
    return list(definitions.structures[type_]["snapshot"]["element"])


def _only(systems: Iterable[str | None]) -> str | None:
    found = set(systems)
    return found.pop() if len(found) == 1 else None


def _system(definitions: Source, type_: str, path: tuple[str, ...]) -> str | None:
    """Return the one code system of the element at a path, if it is a code bound to one."""
    here = type_
    for name in path:
        found = [e for e in _snapshot(definitions, here.split(".")[0]) if e["path"] == f"{here}.{name}"]
        if not found or len(found[0].get("type", ())) != 1:
            return None
        element = found[0]
        kind = element["type"][0]["code"]
        here = element["path"] if kind in {"BackboneElement", "Element"} else kind
    if here != "code" or "binding" not in element:
        return None
    value_set = definitions.value_sets.get(element["binding"].get("valueSet", "").partition("|")[0], {})
    return _only(include.get("system") for include in value_set.get("compose", {}).get("include", ()))


if __name__ == "__main__":
    main()
