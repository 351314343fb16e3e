"""Change parts of a resource by a patch, then check and store the whole as an update does.

A narrative that the patch leaves as it was is removed when anything else changes: what it tells a clinician
would no longer be what the resource says. The id and the type cannot be patched; the version and the time in
``meta`` are those that the server gives.

Spec: https://hl7.org/fhir/R4/http.html#patch
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirError, FhirResponse
from lab.fhir.strict_json import Json, exact, write
from lab.fhir.view import View
from lab.fhirserver.conditional import matched
from lab.fhirserver.fhirpath_patch import fhirpath_patch
from lab.fhirserver.incoming import valid
from lab.fhirserver.json_patch import json_patch
from lab.fhirserver.lookup import deleted, found, unknown
from lab.fhirserver.negotiation import BODIES, media_type
from lab.fhirserver.server import Server
from lab.fhirserver.storing import store
from lab.fhirserver.versions import check_match
from lab.fhirserver.written import written
from lab.model.release import Release

Read = Callable[[bytes, Release], Callable[[Json], Json]]
FORMATS: Mapping[str, Read] = {
    "application/json-patch+json": lambda body, _: json_patch(body),
    "application/fhir+json": fhirpath_patch,
}
"""How a patch of each media type is read; capabilities declare these."""
NOT_PATCHED = frozenset({"Binary"})
"""Types whose content has a media type of its own, so that a patch could mean two things."""
_MANAGED = frozenset({"text", "meta"})


def patch(server: Server, request: FhirRequest, view: View) -> FhirResponse:
    """Answer 200 with the new version; 404 when the view has no such resource, 410 when it is deleted."""
    type_ = request.type or ""
    if type_ in NOT_PATCHED:
        allowed = (("allow", "DELETE, GET, HEAD, PUT"),)
        raise FhirError(405, "not-supported", "A resource of this type is not patched.", allowed)
    release = server.store.release
    change = _reader(request)(request.body, release)
    with server.store.transaction():
        id_ = request.id or matched(server, request, view, type_, request.parameters)
        if id_ is None:
            raise unknown()
        before = found(server.store, view, type_, id_)
        if before.body is None:
            raise deleted()
        check_match(request, before)
        resource = _changed(exact(before.body), change(exact(before.body)), release)
        stored = store(server, request, view, id_, resource, "PUT")
        return written(replace(request, id=id_), stored, 200, release)


def _reader(request: FhirRequest) -> Read:
    sent = media_type(request)
    read = FORMATS.get("application/fhir+json" if sent in BODIES else sent)
    if read is None:
        named = " or ".join(FORMATS)
        raise FhirError(
            415, "not-supported", f"A patch is sent as {named}.", (("accept-patch", ", ".join(FORMATS)),)
        )
    return read


def _changed(before: Json, after: Json, release: Release) -> Json:
    """Return the patched resource, checked.

    Raises:
        FhirError: 422 when it is another resource, or not a valid one.
    """
    if any(before[name] != after.get(name) for name in ("resourceType", "id")):
        raise FhirError(422, "business-rule", "A patch changes neither the id nor the type of a resource.")
    others = [{k: v for k, v in each.items() if k not in _MANAGED} for each in (before, after)]
    if "text" in after and after["text"] == before.get("text") and others[0] != others[1]:
        del after["text"]
    try:
        body = write(after)
    except TypeError:  # deeper than can be written
        raise FhirError(422, "processing", "The patch nests the resource too deep.") from None
    return valid(body, before["resourceType"], release)
