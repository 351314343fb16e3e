"""``$validate``: what is wrong with a resource of R4, by its profiles, deep rules and French identifiers too.

The answer tells places and rules, never a value. Whether a resource may be written is decided when it is.
Spec: https://hl7.org/fhir/R4/resource-operation-validate.html
"""

from typing import Any

import orjson

from lab.fhir.operation_body import parts
from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirError, FhirResponse
from lab.fhir.strict_json import Json, read
from lab.fhir.view import View
from lab.fhirserver.lookup import deleted, found
from lab.fhirserver.negotiation import check_body
from lab.fhirserver.operations.issues import Issue, issues, said
from lab.fhirserver.operations.operation import single
from lab.fhirserver.server import Server
from lab.model.release import Release
from lab.validation.check import check
from lab.validation.overlay import fr_core
from lab.validation.r5 import check_r5

LONGEST = 1_000_000
"""Bytes of a resource: a longer one would make all clients wait for its validation."""

_KNOWN = frozenset({"mode", "profile", "_format", "_pretty"})
_MODES = frozenset({"create", "update", "delete", "profile"})


def validate(server: Server, request: FhirRequest, view: View) -> FhirResponse:
    """Answer 200 with an OperationOutcome, whatever is found."""
    release = server.store.release
    mode, profile = _asked(request, release)
    resource = _given(request)
    stored: Json | None = None
    if request.id is not None:
        stored = _stored(server, request, view)
    if mode == "delete":
        return _outcome([said("information", "informational", "The resource is there to be deleted.")])
    told = _identity(request, mode, resource) if resource is not None else []
    checked = resource if resource is not None else stored
    if checked is None:
        raise FhirError(400, "required", "There is no resource to validate.")
    claims = () if profile is None else (profile,)
    report = check(checked, claims=claims) if release == "R4" else check_r5(checked)
    return _outcome([*told, *issues(report)])


def _asked(request: FhirRequest, release: Release) -> tuple[str | None, str | None]:
    mode, profile = single(request, "mode"), single(request, "profile")
    if any(p.name not in _KNOWN for p in request.parameters):
        raise FhirError(400, "not-supported", "This operation takes resource, mode and profile.")
    if mode is not None and mode not in _MODES:
        raise FhirError(400, "invalid", "mode takes create, update, delete or profile.")
    if mode == "profile" and profile is None:
        raise FhirError(400, "required", "The mode profile needs a profile.")
    if (mode == "create" and request.id is not None) or (mode == "delete" and request.id is None):
        raise FhirError(400, "invalid", "create is validated on the type, delete on the resource.")
    if profile is not None and (release != "R4" or fr_core().find(profile) is None):
        raise FhirError(400, "not-supported", "That profile is not at hand: nothing can be said about it.")
    return mode, profile


def _given(request: FhirRequest) -> Json | None:
    """Return the resource of the body, itself or in Parameters; None without one."""
    if request.method != "POST" or not request.body:
        return None
    check_body(request)
    if len(request.body) > LONGEST:
        raise FhirError(413, "too-long", f"A resource to validate has at most {LONGEST} bytes.")
    if read(request.body).get("resourceType") != "Parameters" or request.type == "Parameters":
        return _plain(request.body)
    resources = [part["resource"] for part in parts(_plain(request.body)) if part["name"] == "resource"]
    if len(resources) > 1 or not all(isinstance(one, dict) for one in resources):
        raise FhirError(400, "structure", "The parameter resource holds one resource.")
    return resources[0] if resources else None


def _plain(body: bytes) -> Json:
    """Return the body as a validation takes it: its numbers are plain, it was read strictly before."""
    content: Any = orjson.loads(body)
    return dict(content)


def _stored(server: Server, request: FhirRequest, view: View) -> Json:
    stored = found(server.store, view, request.type or "", request.id or "")
    if stored.body is None:
        raise deleted()
    return _plain(stored.body)


def _identity(request: FhirRequest, mode: str | None, resource: Json) -> list[Issue]:
    """Return what the resource has against the URL."""
    told = []
    if resource.get("resourceType") != request.type:
        told.append(said("error", "invalid", "The resourceType is not the type of the URL."))
    if request.id is not None and resource.get("id") != request.id:
        told.append(said("error", "invalid", "The id is not that of the URL."))
    if mode == "update" and request.id is None and "id" not in resource:
        told.append(said("error", "required", "An update needs an id."))
    return told


def _outcome(told: list[Issue]) -> FhirResponse:
    return FhirResponse(200, orjson.dumps({"resourceType": "OperationOutcome", "issue": told}))
