"""Delete a resource; its past versions stay.

To delete what is not there, or not in the view, changes nothing and gets the same answer.
Spec: https://hl7.org/fhir/R4/http.html#delete
"""

from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirError, FhirResponse
from lab.fhir.view import View
from lab.fhirserver.server import Server
from lab.fhirserver.versions import check_match, etag
from lab.fhirserver.visibility import seen
from lab.fhirserver.written import forbidden


def delete(server: Server, request: FhirRequest, view: View) -> FhirResponse:
    """Answer 204, with the version that the deletion made if it made one."""
    if request.id is None:
        allowed = (("allow", "GET, POST, PUT"),)
        raise FhirError(405, "not-supported", "This server has no conditional delete.", allowed)
    store, type_ = server.store, request.type or ""
    with store.transaction():
        before = seen(store, view, type_, request.id)
        if before is None or before.deleted:
            return FhirResponse(204, b"", ())
        check_match(request, before)
        if type_ == "Group" and not view.unrestricted:
            raise forbidden()
        return FhirResponse(204, b"", (("etag", etag(store.remove(before).version)),))
