"""Read what a Subscription asks, in the form of R4 alone or in that with a topic.

Specs: http://hl7.org/fhir/R4/subscription.html and
http://hl7.org/fhir/uv/subscriptions-backport/STU1.1/StructureDefinition-backport-subscription.html
"""

import re
from collections.abc import Iterator
from typing import Any

from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirError
from lab.fhir.strict_json import Json
from lab.fhirserver.conditional import COMMON, criteria
from lab.fhirserver.storage.catalogue import served_types
from lab.fhirserver.storage.times import END, interval
from lab.fhirserver.subscriptions.endpoint import check_endpoint, check_headers, refused
from lab.fhirserver.subscriptions.plan import CONTENTS, Plan
from lab.fhirserver.subscriptions.topics import BACKPORT, TOPICS

_OURS = f"{BACKPORT}/StructureDefinition"
_PLAIN = re.compile(r"([A-Z][A-Za-z]{1,63})(?:\?(.*))?", re.DOTALL)
_PAYLOADS = frozenset({"application/fhir+json", "application/json"})
_LONGEST_HEARTBEAT = 86_400 * 31


def plan_of(request: FhirRequest, resource: Json) -> Plan:
    """Read a Subscription, but for the meaning of its criteria.

    Raises:
        FhirError: 422 with one sentence when it asks for what this server does not do.
    """
    channel = resource.get("channel", {})
    if channel.get("type") != "rest-hook":
        raise refused("channel.type must be rest-hook: this server has no other channel.", "not-supported")
    topic, type_, parameters = _events(request, resource)
    payload = channel.get("payload")
    if payload is not None and payload.partition(";")[0].strip().lower() not in _PAYLOADS:
        raise refused("channel.payload must be application/fhir+json, or absent.", "not-supported")
    plain = "empty" if payload is None else "full-resource"
    return Plan(
        type=type_,
        parameters=parameters,
        topic=topic,
        content=_content(channel, payload) if topic else plain,
        endpoint=check_endpoint(channel.get("endpoint"), request.base_url),
        headers=check_headers(channel.get("header", ())),
        heartbeat=_heartbeat(channel) if topic else 0,
        ends=interval(resource["end"])[0] if "end" in resource else END,
        base_url=request.base_url,
    )


def _events(request: FhirRequest, resource: Json) -> tuple[str, str, tuple[Any, ...]]:
    """Return the topic, the type and the criteria."""
    asked = resource.get("criteria", "")
    if match := _PLAIN.fullmatch(asked):
        return "", _served(match[1]), tuple(_parameters(request, match[1], match[2] or ""))
    topic = TOPICS.get(asked.partition("|")[0])
    if topic is None:
        raise refused(
            "criteria must be Type?search, or a topic that the CapabilityStatement lists.", "not-supported"
        )
    filters = list(_values(resource.get("_criteria"), "backport-filter-criteria"))
    split = [f.rpartition("?") if isinstance(f, str) else ("", "", "") for f in filters]
    types = {head for head, _, _ in split if head} | ({topic.type} if topic.type else set())
    if len(types) != 1:
        raise refused("The filters of a topic must be Type?search, on the type of the topic.")
    (type_,) = types
    found = [p for _, _, search in split for p in _parameters(request, _served(type_), search)]
    return asked, _served(type_), tuple(found)


def _served(type_: str) -> str:
    if type_ not in served_types("R4"):
        raise refused("The criteria name a type that this server does not have.", "not-supported")
    return type_


def _parameters(request: FhirRequest, type_: str, search: str) -> Iterator[tuple[str, str, str | None]]:
    try:
        parameters = criteria(request, type_, search)
    except FhirError:
        raise refused("The criteria are not Type?name=value&name=value.") from None
    for each in parameters:
        if each.name.startswith("_") and each.name not in COMMON:
            raise refused("The criteria hold a parameter that selects no resource.", "not-supported")
        yield each.name, each.value, each.modifier


def _content(channel: Json, payload: object) -> str:
    given = next(_values(channel.get("_payload"), "backport-payload-content"), None)
    content = given or ("empty" if payload is None else "id-only")
    if content not in CONTENTS:
        raise refused("The payload content must be empty, id-only or full-resource.")
    return str(content)


def _heartbeat(channel: Json) -> int:
    seconds = next(_values(channel, "backport-heartbeat-period"), 0)
    if not isinstance(seconds, int) or not 0 <= seconds <= _LONGEST_HEARTBEAT:
        raise refused("The heartbeat period must be a number of seconds.")
    return seconds


def _values(element: Json | None, name: str) -> Iterator[Any]:
    """Return the values of an extension of the guide."""
    for extension in (element or {}).get("extension", ()):
        if extension.get("url") == f"{_OURS}/{name}":
            yield from (value for key, value in extension.items() if key.startswith("value"))
