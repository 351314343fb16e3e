"""The CapabilityStatement, generated from the tables that the server runs on.

Spec: https://hl7.org/fhir/R4/capabilitystatement.html
"""

import hashlib
from collections.abc import Collection
from functools import lru_cache
from typing import Any

import orjson

from lab.fhir.interaction import SYSTEM, Interaction
from lab.fhir.request import FhirRequest
from lab.fhir.response import FHIR_JSON, FhirResponse
from lab.fhir.view import View
from lab.fhirserver.operations.table import BULK_DATA, declared_operations
from lab.fhirserver.patch import FORMATS, NOT_PATCHED
from lab.fhirserver.presentation import presentation
from lab.fhirserver.server import Server
from lab.fhirserver.storage.catalogue import parameters, served_types
from lab.fhirserver.subscriptions.declaring import TOPIC_SUBSCRIPTIONS, subscriptions
from lab.model.release import VERSIONS, Release

_DATE = "2026-11-22"
_OAUTH = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"
_SERVICE = "http://terminology.hl7.org/CodeSystem/restful-security-service"
_RULES = (
    "Dates without a time zone are those of the hospital. A client sees the resources of its "
    "cohorts: all patients that a resource is about must be members. Delete is answered alike for what is "
    "not there and what is not visible. Pages have at most 1000 matches; page links are opaque. _sort takes "
    "one key; wildcard includes are refused. A search of the server names its types in _type. A patch "
    "removes a narrative that it leaves as it was, and is told in histories as the PUT of what it made."
)
_NO_TYPE = SYSTEM | {Interaction.CAPABILITIES, Interaction.OPERATION}


def capabilities(
    server: Server, request: FhirRequest, _: View, performed: Collection[Interaction]
) -> FhirResponse:
    """Answer what the server does; ``performed`` are the interactions it runs. The ETag is a digest."""
    urls = tuple(sorted(server.security_urls.items()))
    body = written_statement(request.base_url, urls, tuple(sorted(performed)), server.store.release)
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:16]}"'
    if tag in request.headers.get("if-none-match", ""):
        return FhirResponse(304, b"", (("etag", tag),))
    shown = presentation(request, server.store.release).whole(body)
    return FhirResponse(200, shown, (("content-type", FHIR_JSON), ("etag", tag)))


@lru_cache(maxsize=8)
def written_statement(
    base_url: str, urls: tuple[tuple[str, str], ...], performed: tuple[Interaction, ...], release: Release
) -> bytes:
    """Return the CapabilityStatement of a server of a release that runs those interactions."""
    rest: dict[str, Any] = {
        "mode": "server",
        "documentation": _RULES,
        "resource": [_resource(type_, performed, release) for type_ in served_types(release)],
        "interaction": [{"code": i.value} for i in performed if i in SYSTEM],
        "operation": declared_operations(None, release),
    }
    if urls:
        rest["security"] = {
            "extension": [{"url": _OAUTH, "extension": [{"url": n, "valueUri": u} for n, u in urls]}],
            "service": [{"coding": [{"system": _SERVICE, "code": "SMART-on-FHIR"}]}],
        }
    return orjson.dumps(
        {
            "resourceType": "CapabilityStatement",
            "status": "active",
            "date": _DATE,
            "kind": "instance",
            "instantiates": [BULK_DATA, *([TOPIC_SUBSCRIPTIONS] if release == "R4" else [])],
            "software": {"name": "FHIR integration laboratory: embedded server"},
            "implementation": {"description": "Synthetic hospital, no real patient", "url": base_url},
            "fhirVersion": VERSIONS[release],
            "format": ["application/fhir+json", "json"],
            "patchFormat": list(FORMATS),
            "rest": [rest],
        }
    )


def _resource(type_: str, performed: tuple[Interaction, ...], release: Release) -> dict[str, Any]:
    known = parameters(type_, release)
    followed = [f"{type_}:{c}" for c, p in known.items() if p.definition.type == "reference"]
    referring = [
        f"{source}:{code}"
        for source in served_types(release)
        for code, parameter in parameters(source, release).items()
        if parameter.definition.type == "reference" and type_ in parameter.definition.targets
    ]
    declared: dict[str, Any] = {
        "type": type_,
        "interaction": [{"code": i.value} for i in performed if _is_on(i, type_)],
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": True,
        "conditionalCreate": True,
        "conditionalRead": "full-support",
        "conditionalUpdate": True,
        "conditionalDelete": "single",
        "searchParam": [{"name": code, "type": p.definition.type} for code, p in known.items()],
        "operation": declared_operations(type_, release),
    }
    if type_ == "Subscription":
        declared |= subscriptions(release)
    if release != "R4":
        declared["conditionalPatch"] = Interaction.PATCH in performed and type_ not in NOT_PATCHED
    if followed:
        declared["searchInclude"] = followed
    if referring:
        declared["searchRevInclude"] = referring
    return declared


def _is_on(interaction: Interaction, type_: str) -> bool:
    return interaction not in _NO_TYPE and not (interaction is Interaction.PATCH and type_ in NOT_PATCHED)
