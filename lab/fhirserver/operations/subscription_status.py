"""``Subscription/$status``: where Subscriptions stand, and how many events each has had.

Spec: http://hl7.org/fhir/uv/subscriptions-backport/STU1.1/OperationDefinition-backport-subscription-status.html
"""

from collections.abc import Iterator
from typing import Any

import orjson

from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirResponse
from lab.fhir.view import View
from lab.fhirserver.bundle import bundle, entry
from lab.fhirserver.lookup import deleted, found, unknown
from lab.fhirserver.operations.operation import check_parameters
from lab.fhirserver.server import Server
from lab.fhirserver.subscriptions.notification import state
from lab.fhirserver.subscriptions.plan import from_text

_KNOWN = frozenset({"id", "status", "_format", "_pretty"})
_ROWS = "select id, status, plan, events, error from subscriber order by id"


def subscription_status(server: Server, request: FhirRequest, view: View) -> FhirResponse:
    """Answer a searchset Bundle with the state of one Subscription, or of all that were asked for."""
    check_parameters(request, _KNOWN)
    check_open(view)
    if request.id is not None and found(server.store, view, "Subscription", request.id).deleted:
        raise deleted()
    ids = {request.id} if request.id else _named(request, "id")
    statuses = _named(request, "status")
    states = [
        each
        for id_, status, each in _states(server, request)
        if (not ids or id_ in ids) and (not statuses or status in statuses)
    ]
    shown = [entry(f"urn:uuid:{each['id']}", orjson.dumps(each), search={"mode": "match"}) for each in states]
    return FhirResponse(200, bundle("searchset", shown, total=len(shown)))


def check_open(view: View) -> None:
    """Verify that a client is not confined: notifications are matched on the whole hospital.

    Raises:
        FhirError: 404, whether there is a Subscription or not.
    """
    if not view.unrestricted:
        raise unknown()


def _states(server: Server, request: FhirRequest) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for id_, status, text, count, error in server.store.rows(_ROWS):
        told = "active" if status == "failing" else status
        topic = from_text(text).topic
        yield (
            id_,
            told,
            state(
                request.base_url,
                id_,
                topic=topic,
                status=told,
                kind="query-status",
                count=count,
                error=error,
            ),
        )


def _named(request: FhirRequest, name: str) -> set[str]:
    return {part for value in request.values(name) for part in value.split(",") if part}
