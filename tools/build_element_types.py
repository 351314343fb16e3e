"""Build what each release says of its elements (type, repetition, obligation), from the packages.

Run it from the root of the repository: ``python -m tools.build_element_types``. The same packages
always give the same bytes.

``elements`` gives, for each type and each part of one (``Patient.contact``), its elements by name, each as
marks and types: ``!`` is mandatory, ``*`` repeats, ``?`` is a choice of type (``value[x]`` as ``value``).
"""

import argparse
import gzip
from pathlib import Path

import orjson

from tools.definitions import source, source_r5
from tools.definitions.source import Json, Source

FOLDER = Path(__file__).parents[1] / "lab/fhir/data"
_PARTS = frozenset({"BackboneElement", "Element"})
_FHIR_TYPE = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type"


def main() -> None:
    """Write the artefacts into the package."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--archive", type=Path, help="the package of R4, already downloaded")
    parser.add_argument("--archive-r5", type=Path, help="the package of R5, already downloaded")
    asked = parser.parse_args()
    for release, given in (("r4", source.read(asked.archive)), ("r5", source_r5.read(asked.archive_r5))):
        (FOLDER / f"{release}.element-types.json.gz").write_bytes(artefact(given))


def artefact(definitions: Source) -> bytes:
    """Return the artefact."""
    elements: dict[str, dict[str, str]] = {}
    for structure in definitions.structures.values():
        if structure["kind"] in {"resource", "complex-type"} and structure.get("derivation") != "constraint":
            for element in structure["snapshot"]["element"]:
                of, _, name = element["path"].rpartition(".")
                if of:
                    elements.setdefault(of, {})[name.removesuffix("[x]")] = _entry(element)
    document = {
        "source": dict(definitions.origin),
        "resources": list(definitions.resource_types()),
        "elements": elements,
    }
    return gzip.compress(orjson.dumps(document, option=orjson.OPT_SORT_KEYS), compresslevel=9, mtime=0)


def _entry(element: Json) -> str:
    marks = "!" if element["min"] > 0 else ""
    marks += "*" if element["max"] != "1" else ""
    marks += "?" if element["path"].endswith("[x]") else ""
    return marks + "|".join(_types(element))


def _types(element: Json) -> list[str]:
    if "contentReference" in element:
        return [element["contentReference"].partition("#")[2]]
    return [_type(element, known) for known in element.get("type", ())]


def _type(element: Json, known: Json) -> str:
    said = (e["valueUrl"] for e in known.get("extension", ()) if e["url"] == _FHIR_TYPE)
    code = next(said, known["code"]).rpartition("/")[2]
    return element["path"] if code in _PARTS else code


if __name__ == "__main__":
    main()
