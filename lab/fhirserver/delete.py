"""Delete a resource, by its id or as the only match of criteria; its past versions stay.

To delete what is not there, or not in the view, changes nothing and gets the same answer.
Spec: https://hl7.org/fhir/R4/http.html#delete
"""

from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirResponse
from lab.fhir.view import View
from lab.fhirserver.conditional import matched
from lab.fhirserver.server import Server
from lab.fhirserver.versions import check_match, etag
from lab.fhirserver.visibility import reserved, seen
from lab.fhirserver.written import forbidden


def delete(server: Server, request: FhirRequest, view: View) -> FhirResponse:
    """Answer 204, with the version that the deletion made if it made one; 412 for several matches."""
    store, type_ = server.store, request.type or ""
    with store.transaction():
        id_ = request.id or matched(server, request, view, type_, request.parameters)
        before = None if id_ is None else seen(store, view, type_, id_)
        if before is None or before.deleted:
            return FhirResponse(204, b"", ())
        check_match(request, before)
        if reserved(view, type_):
            raise forbidden()
        return FhirResponse(204, b"", (("etag", etag(store.remove(before).version)),))
