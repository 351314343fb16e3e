"""The Bundles that tell of events: the state of the Subscription first, then what its content asks for.

Spec: http://hl7.org/fhir/uv/subscriptions-backport/STU1.1/notifications.html
"""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import orjson

from lab.fhirserver.bundle import entry
from lab.fhirserver.storage.store import Store
from lab.fhirserver.storage.times import instant
from lab.fhirserver.subscriptions import outbox
from lab.fhirserver.subscriptions.outbox import Event
from lab.fhirserver.subscriptions.topics import BACKPORT

_STATUS = f"{BACKPORT}/StructureDefinition/backport-subscription-status-r4"
_NOTIFICATION = f"{BACKPORT}/StructureDefinition/backport-subscription-notification-r4"
_RESULTS = {"POST": "201", "PUT": "200", "DELETE": "204"}


def state(  # noqa: PLR0913 - the parameters of the specification
    base_url: str,
    id_: str,
    *,
    topic: str,
    status: str,
    kind: str,
    count: int,
    told: Sequence[Event] = (),
    error: str = "",
) -> dict[str, Any]:
    """Return the Parameters that say where a Subscription stands, and which events are ``told``."""
    parameters: list[dict[str, Any]] = [
        {"name": "subscription", "valueReference": {"reference": f"{base_url}/Subscription/{id_}"}},
        *([{"name": "topic", "valueCanonical": topic}] if topic else []),
        {"name": "status", "valueCode": status},
        {"name": "type", "valueCode": kind},
        {"name": "events-since-subscription-start", "valueString": str(count)},
    ]
    for event in told:
        parts: list[dict[str, Any]] = [
            {"name": "event-number", "valueString": str(event.n)},
            {"name": "timestamp", "valueInstant": instant(event.at)},
        ]
        if event.id:
            parts.append({"name": "focus", "valueReference": {"reference": _address(base_url, event)}})
        parameters.append({"name": "notification-event", "part": parts})
    if error:
        parameters.append({"name": "error", "valueCodeableConcept": {"text": error}})
    return {
        "resourceType": "Parameters",
        "id": str(uuid4()),
        "meta": {"profile": [_STATUS]},
        "parameter": parameters,
    }


def notification(  # noqa: PLR0913 - see ``state``
    store: Store,
    base_url: str,
    id_: str,
    *,
    topic: str,
    content: str,
    status: str,
    kind: str,
    count: int,
    told: Sequence[Event] = (),
) -> bytes:
    """Return a notification with some events, as much of each as the content says."""
    shown = told if content != "empty" else [Event(e.n, e.k, "", "", e.version, "", e.at) for e in told]
    said = state(base_url, id_, topic=topic, status=status, kind=kind, count=count, told=shown)
    asked = {"method": "GET", "url": f"Subscription/{id_}/$status"}
    entries = [
        entry(f"urn:uuid:{said['id']}", orjson.dumps(said), request=asked, response={"status": "200"}),
        *(_entry(store, base_url, each, content) for each in told if content != "empty"),
    ]
    head = {
        "resourceType": "Bundle",
        "id": str(uuid4()),
        "meta": {"profile": [_NOTIFICATION]},
        "type": "history",
        "timestamp": instant(store.now()),
    }
    return orjson.dumps(head)[:-1] + b',"entry":[' + b",".join(entries) + b"]}"


def _entry(store: Store, base_url: str, event: Event, content: str) -> bytes:
    resource = outbox.body(store, event) if content == "full-resource" else None
    url = event.type if event.method == "POST" else f"{event.type}/{event.id}"
    return entry(
        _address(base_url, event),
        resource,
        request={"method": event.method, "url": url},
        response={"status": _RESULTS[event.method]},
    )


def _address(base_url: str, event: Event) -> str:
    return f"{base_url}/{event.type}/{event.id}"
