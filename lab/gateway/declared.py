"""What a client is told that it may ask: not what this gateway refuses to everybody, nor, with masks, to it.

Nobody writes by criteria here (level 3); a client with masks does not search by what they close (level 5).
Spec: https://hl7.org/fhir/R4/capabilitystatement.html; five-levels reference, L5-28
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

import orjson

from lab.fhir.element_path import ElementPath
from lab.fhir.response import FhirResponse
from lab.gateway.level5_attributes import touches

_NEVER = {"conditionalUpdate": False, "conditionalDelete": "not-supported"}
"""What the backend may offer and no policy opens."""


def declared(answer: FhirResponse, masks: Sequence[ElementPath]) -> FhirResponse:
    """Return the CapabilityStatement without what is refused, search parameters that masks close included."""
    if answer.status != 200:
        return answer
    answer = replace(answer, body=_without_writes_by_criteria(answer.body))
    if not masks:
        return answer
    statement = orjson.loads(answer.body)
    for rest in statement.get("rest", ()):
        for resource in rest.get("resource", ()):
            type_ = resource["type"]
            known = resource.get("searchParam", [])
            resource["searchParam"] = [p for p in known if not _closed(type_, p["name"], masks)]
    kept = tuple((name, value) for name, value in answer.headers if name.lower() != "etag")
    return FhirResponse(200, orjson.dumps(statement), kept)


@lru_cache(maxsize=8)
def _without_writes_by_criteria(body: bytes) -> bytes:
    statement = orjson.loads(body)
    for rest in statement.get("rest", ()):
        for resource in rest.get("resource", ()):
            resource |= {name: value for name, value in _NEVER.items() if name in resource}
    return orjson.dumps(statement, option=orjson.OPT_INDENT_2 if b"\n" in body else None)


def _closed(type_: str, code: str, masks: Sequence[ElementPath]) -> bool:
    return any(not mask.systems and touches(type_, code, "", mask) for mask in masks)
