"""Store what a client writes, if its view shows it: the one way from an interaction to the store.

Spec: https://hl7.org/fhir/R4/http.html#rejecting-updates
"""

from lab.fhir.cohort import LABEL
from lab.fhir.request import FhirRequest
from lab.fhir.strict_json import Json
from lab.fhir.view import View
from lab.fhirserver.server import Server
from lab.fhirserver.storage.membership import labels
from lab.fhirserver.storage.store import Store
from lab.fhirserver.storage.stored import Stored
from lab.fhirserver.subscriptions.admission import admitted
from lab.fhirserver.visibility import carried_labels, holds, kept, reserved
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
    chosen = method == "PUT"
    labelled = _labelled(server.store, view, id_, resource, chosen=chosen) if view.labels else resource
    whole = admitted(server.store, request, labelled)
    stored = server.store.put(type_, id_, whole, method, request.base_url)
    if not kept(server.store, view, stored):
        raise forbidden()
    return stored


def _labelled(store_: Store, view: View, id_: str, resource: Json, *, chosen: bool) -> Json:
    """Return what may be stored by a client whose policy names labels: it neither gives nor takes one.

    A new resource may come with labels under an id of the server, which nothing refers to yet; not under one
    that the client has ``chosen``. To whom the labels of the type are masked, they are put back: a refusal
    would tell that they are there.

    Raises:
        FhirError: 403 when it would change them.
    """
    type_ = resource["resourceType"]
    carried = carried_labels(store_, type_, id_)
    if carried is None and not chosen:
        return resource
    carried = carried or frozenset()
    if view.labels.isdisjoint(carried ^ frozenset(labels(resource))):
        return resource
    if all(mask.type != type_ for mask in view.masks):
        raise forbidden()
    pairs = (pool.removeprefix(LABEL).rpartition("|") for pool in sorted(carried))
    codings = [{"system": system, "code": code} for system, _, code in pairs]
    others = {name: value for name, value in resource.get("meta", {}).items() if name != "security"}
    return {**resource, "meta": {**others, **({"security": codings} if codings else {})}}
