"""What is answered before this server: what the server behind declares, less what cannot be confined.

Spec: https://hl7.org/fhir/R4/capabilitystatement.html
"""

import time
from typing import Any

from lab.backends.external.about import is_known
from lab.backends.external.desk import Desk
from lab.backends.external.refusals import UpstreamError
from lab.backends.external.showing import shown
from lab.fhir.interaction import Interaction
from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirResponse
from lab.fhir.search_parameters import definitions
from lab.fhir.strict_json import Json

KEPT_S = 30.0
PERFORMED = (
    Interaction.READ,
    Interaction.VREAD,
    Interaction.HISTORY_INSTANCE,
    Interaction.SEARCH_TYPE,
    Interaction.CREATE,
    Interaction.UPDATE,
    Interaction.PATCH,
    Interaction.DELETE,
)
_NOT_PASSED = frozenset({"_content", "_text", "_query", "_filter", "_list"})
_EVERYTHING = "http://hl7.org/fhir/OperationDefinition/Patient-everything"
_OAUTH = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
_SERVICE = "http://terminology.hl7.org/CodeSystem/restful-security-service"
_RULES = (
    "A gateway before a FHIR server. All patients that a resource is about must be members of the client's "
    "cohorts. Chains, _has and includes are evaluated on what the client may see. Not answered: "
    "transactions, conditional writes, other operations, histories of types, _summary and _elements."
)


async def capabilities(desk: Desk, request: FhirRequest) -> FhirResponse:
    """Answer a CapabilityStatement; everybody may ask for it, so that it is kept for a while."""
    made, statement = desk.statements.get(request.base_url, (float("-inf"), {}))
    if time.monotonic() - made > KEPT_S:
        statement = await _statement(desk, request)
        desk.statements[request.base_url] = time.monotonic(), statement
    return shown(request, statement)


async def _statement(desk: Desk, request: FhirRequest) -> Json:
    """Return a statement of our own: only names that R4 defines come from the server behind."""
    answer = await desk.upstream.get("/metadata")
    statement = answer.resource if answer.there else None
    if statement is None or statement.get("resourceType") != "CapabilityStatement":
        raise UpstreamError("its CapabilityStatement is none")
    rest: Json = {
        "mode": "server",
        "documentation": _RULES,
        "resource": [found for found in map(_resource, _declared(statement)) if found],
        "interaction": [{"code": Interaction.BATCH.value}],
    }
    if desk.security_urls:
        urls = [{"url": n, "valueUri": u} for n, u in sorted(desk.security_urls.items())]
        rest["security"] = {
            "extension": [{"url": _OAUTH, "extension": urls}],
            "service": [{"coding": [{"system": _SERVICE, "code": "SMART-on-FHIR"}]}],
        }
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": "2026-11-30",
        "kind": "instance",
        "software": {"name": "FHIR integration laboratory: gateway"},
        "implementation": {"description": "Gateway before a FHIR server", "url": request.base_url},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "patchFormat": ["application/json-patch+json"],
        "rest": [rest],
    }


def _declared(statement: Json) -> list[Json]:
    rest = statement.get("rest")
    first = rest[0] if isinstance(rest, list) and rest and isinstance(rest[0], dict) else {}
    resources = first.get("resource")
    found = [r for r in resources if isinstance(r, dict)] if isinstance(resources, list) else []
    return list({str(r.get("type")): r for r in found}.values())


def _resource(declared: Json) -> Json | None:
    type_ = str(declared.get("type"))
    if not is_known(type_):
        return None
    codes, names = _values(declared, "interaction", "code"), _values(declared, "searchParam", "name")
    found: Json = {"type": type_, "interaction": [{"code": i.value} for i in PERFORMED if i.value in codes]}
    if type_ == "Patient":
        found["operation"] = [{"name": "everything", "definition": _EVERYTHING}]
    if declared.get("versioning") in {"versioned", "versioned-update"}:
        found["versioning"] = declared["versioning"]
    known = definitions(type_)
    passed = [c for c, d in known.items() if c in names and c not in _NOT_PASSED and d.type != "special"]
    if passed:
        found["searchParam"] = [{"name": code, "type": known[code].type} for code in sorted(passed)]
    includes = [f"{type_}:{code}" for code in sorted(passed) if known[code].type == "reference"]
    if includes:
        found["searchInclude"] = includes
    return found


def _values(declared: Json, member: str, name: str) -> set[Any]:
    items = declared.get(member)
    return {
        item[name] for item in (items if isinstance(items, list) else ())
        if isinstance(item, dict) and isinstance(item.get(name), str)
    }  # fmt: skip
