"""``Subscription/[id]/$events``: the last events of a Subscription once more, for who has missed some.

Spec: http://hl7.org/fhir/uv/subscriptions-backport/STU1.1/OperationDefinition-backport-subscription-events.html
"""

from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirError, FhirResponse
from lab.fhir.view import View
from lab.fhirserver.lookup import deleted, found, unknown
from lab.fhirserver.operations.operation import check_parameters, single
from lab.fhirserver.operations.subscription_status import check_open
from lab.fhirserver.server import Server
from lab.fhirserver.subscriptions.notification import notification
from lab.fhirserver.subscriptions.outbox import events
from lab.fhirserver.subscriptions.plan import CONTENTS, from_text

_KNOWN = frozenset({"eventsSinceNumber", "eventsUntilNumber", "content", "_format", "_pretty"})
_ROW = "select status, plan, events from subscriber where id = ?"


def subscription_events(server: Server, request: FhirRequest, view: View) -> FhirResponse:
    """Answer the notification that those of the events would make which are still kept."""
    check_parameters(request, _KNOWN)
    check_open(view)
    store, id_ = server.store, request.id or ""
    if found(store, view, "Subscription", id_).deleted:
        raise deleted()
    for status, text, count in store.rows(_ROW, (id_,)):
        plan = from_text(text)
        content = single(request, "content") or plan.content
        if content not in CONTENTS:
            raise FhirError(400, "invalid", "content takes empty, id-only or full-resource.")
        first, last = _number(request, "eventsSinceNumber", 1), _number(request, "eventsUntilNumber", count)
        body = notification(
            store,
            request.base_url,
            id_,
            topic=plan.topic,
            content=content,
            status="active" if status == "failing" else status,
            kind="query-event",
            count=count,
            told=events(store, id_, first, min(last, count)),
        )
        return FhirResponse(200, body)
    raise unknown()


def _number(request: FhirRequest, name: str, default: int) -> int:
    text = single(request, name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise FhirError(400, "invalid", f"{name} takes the number of an event.")
    return int(text)
