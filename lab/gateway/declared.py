"""What a client with masks is told that it may search by: not by what it would be refused (level 5).

Spec: https://hl7.org/fhir/R4/capabilitystatement.html; five-levels reference, L5-28
"""

from collections.abc import Sequence

import orjson

from lab.fhir.element_path import ElementPath
from lab.fhir.response import FhirResponse
from lab.gateway.level5_attributes import touches


def declared(answer: FhirResponse, masks: Sequence[ElementPath]) -> FhirResponse:
    """Return the CapabilityStatement without the search parameters that masks close whatever the value."""
    if not masks or answer.status != 200:
        return answer
    statement = orjson.loads(answer.body)
    for rest in statement.get("rest", ()):
        for resource in rest.get("resource", ()):
            type_ = resource["type"]
            known = resource.get("searchParam", [])
            resource["searchParam"] = [p for p in known if not _closed(type_, p["name"], masks)]
    kept = tuple((name, value) for name, value in answer.headers if name.lower() != "etag")
    return FhirResponse(200, orjson.dumps(statement), kept)


def _closed(type_: str, code: str, masks: Sequence[ElementPath]) -> bool:
    return any(not mask.systems and touches(type_, code, "", mask) for mask in masks)
