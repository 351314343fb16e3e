"""The examples that HL7 publishes with R5, and the values that searches on their elements ask for."""

import gzip
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
from naive.queries import escaped

from lab.fhir.search_parameters import Definition, definitions
from lab.proof.reference.search.fhirpath import Node, evaluate
from tools.build_r5_examples import OUTPUT, examples

Json = dict[str, Any]

ARCHIVE = os.environ.get("LAB_R5_EXAMPLES", "")
"""The whole package, to run on all of them; else on those that are kept here."""

REFUSED = {
    "DocumentReference/xray": "DocumentReference.context[1].reference",
    "Encounter/example": "Encounter.careTeam[0].reference",
    "Medication/med0301": "Medication.identifier[0]",
    "ResearchSubject/example-crossover-placebo-to-drug": "ResearchSubject.study.reference",
    "Subscription/admission": "not served",
    "Subscription/example": "not served",
}
"""Those that cannot be stored, with what is wrong with them: a reference to a type that its element does not
take, an empty element, and what this server does not do."""


def given() -> list[Json]:
    """Return the examples, those beyond the size of a request left out."""
    if ARCHIVE:
        return [one for one in examples(Path(ARCHIVE)) if len(orjson.dumps(one)) < 10_000_000]
    document: Json = orjson.loads(gzip.decompress(OUTPUT.read_bytes()))
    return list(document["resources"])


def name(resource: Json) -> str:
    """Return type and id."""
    return f"{resource['resourceType']}/{resource['id']}"


def questions(resource: Json, definition: Definition) -> Iterator[str]:
    """Yield values of a search parameter that ask for what a resource holds."""
    type_ = resource["resourceType"]
    for node in evaluate(definition.expression, Node(type_, resource)):
        if definition.type == "composite":
            yield from _pairs(type_, definition, node)
        else:
            yield from _asked(definition.type, node)


def _pairs(type_: str, definition: Definition, node: Node) -> Iterator[str]:
    known = definitions(type_, "R5")
    kinds = [known[c.code].type for c in definition.components]
    if definition.code == "relationship":  # its components are named the wrong way round
        kinds.reverse()
    parts = [
        [text for n in evaluate(component.expression, node) for text in _asked(kind, n)]
        for component, kind in zip(definition.components, kinds, strict=True)
    ]
    if all(parts):
        yield "$".join(part[0] for part in parts)


def _asked(kind: str, node: Node) -> Iterator[str]:
    value = node.value
    match kind:
        case "token":
            yield from _tokens(value)
        case "string":
            texts = value.values() if isinstance(value, dict) else [value]
            yield from (escaped(text[:20]) for text in texts if isinstance(text, str) and text[:20].strip())
        case "date":
            text = value.get("start", value.get("end")) if isinstance(value, dict) else value
            if isinstance(text, str):
                yield f"{'ge' if isinstance(value, dict) else ''}{text}"
        case "number" | "quantity":
            number = value.get("value") if isinstance(value, dict) else value
            if isinstance(number, int | float):
                yield str(number)
        case "reference" | "uri":
            text = value.get("reference", "") if isinstance(value, dict) else value
            if text and not text.startswith("#"):
                yield escaped(text)
        case "special":
            yield f"{value['latitude']}|{value['longitude']}|1|km"


def _tokens(value: Any) -> Iterator[str]:
    if not isinstance(value, dict):
        yield str(value).lower() if isinstance(value, bool) else escaped(value)
        return
    for coding in value.get("coding", [value]):
        code = coding.get("code", coding.get("value"))
        if isinstance(code, str) and not {"unit", "comparator"} & coding.keys():
            yield escaped(code)
            if "system" in coding:
                yield f"{escaped(coding['system'])}|{escaped(code)}"
