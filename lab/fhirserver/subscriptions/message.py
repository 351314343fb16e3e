"""The request that tells an endpoint what is next for it.

In the form of R4 alone: an empty POST or, with a payload, the resource PUT below the endpoint; a deletion,
which leaves nothing to put, is an empty POST. In the form with a topic: a Bundle.

Specs: http://hl7.org/fhir/R4/subscription.html#channels and
http://hl7.org/fhir/uv/subscriptions-backport/STU1.1/channels.html
"""

from dataclasses import dataclass

from lab.fhirserver.storage.store import Store
from lab.fhirserver.subscriptions import outbox
from lab.fhirserver.subscriptions.endpoint import below
from lab.fhirserver.subscriptions.notification import notification
from lab.fhirserver.subscriptions.outbox import Claim, Event

_JSON = ("content-type", "application/fhir+json")


@dataclass(frozen=True)
class Message:
    """``n`` is the number of the last event that the endpoint knows once it has answered."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    n: int


def next_message(store: Store, claimed: Claim, base_url: str) -> Message:
    """Return the handshake, the next event or, without one, a heartbeat."""
    told = outbox.events(store, claimed.id, claimed.sent + 1, claimed.events, 1)
    if not claimed.plan.topic:
        return _plain(store, claimed, told[0] if told else None)
    kind = "handshake" if claimed.status == "requested" else "event-notification" if told else "heartbeat"
    if kind != "event-notification":
        told = []
    n = told[0].n if told else claimed.events
    body = notification(
        store,
        base_url,
        claimed.id,
        topic=claimed.plan.topic,
        content=claimed.plan.content,
        status=claimed.status,
        kind=kind,
        count=n,
        told=told,
    )
    return Message("POST", claimed.plan.endpoint, (*claimed.plan.headers, _JSON), body, n)


def _plain(store: Store, claimed: Claim, event: Event | None) -> Message:
    plan, n = claimed.plan, event.n if event else claimed.events
    resource = outbox.body(store, event) if event and plan.content == "full-resource" else None
    if event is None or resource is None:
        return Message("POST", plan.endpoint, plan.headers, b"", n)
    url = below(plan.endpoint, event.type, event.id)
    return Message("PUT", url, (*plan.headers, _JSON), resource, n)
