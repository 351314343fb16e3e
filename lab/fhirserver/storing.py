"""Store what a client writes, if its view shows it: the one way from an interaction to the store.

Spec: https://hl7.org/fhir/R4/http.html#rejecting-updates
"""

from lab.fhir.request import FhirRequest
from lab.fhir.strict_json import Json
from lab.fhir.view import View
from lab.fhirserver.server import Server
from lab.fhirserver.storage.stored import Stored
from lab.fhirserver.subscriptions.admission import admitted
from lab.fhirserver.visibility import holds, kept, relabels, reserved
from lab.fhirserver.written import forbidden


def store(server: Server, request: FhirRequest, view: View, id_: str, resource: Json, method: str) -> Stored:
    """Return the version stored under the id; the transaction of the caller undoes it when this fails.

    Raises:
        FhirError: 403 when it would not be in the view or its type is reserved; 422 for a Subscription that
            cannot be served.
    """
    type_ = resource["resourceType"]
    if not holds(server.store, view, resource) or reserved(view, type_):
        raise forbidden()
    if relabels(server.store, view, id_, resource):
        raise forbidden()
    whole = admitted(server.store, request, resource)
    stored = server.store.put(type_, id_, whole, method, request.base_url)
    if not kept(server.store, view, stored):
        raise forbidden()
    return stored
