"""The kinds of requests that profiles mix; each says every way it can be played against a target.

A route is a function from a target to its arrivals, empty when the target does not offer what it needs.
"""

from collections.abc import Callable

from lab.load.arrival import ANONYMOUS, TOKEN, Arrival, Expect
from lab.load.target import Target

Route = Callable[[Target], tuple[Arrival, ...]]

BUNDLE = Expect(statuses=(200,), required='"Bundle"')


def poll(target: Target) -> tuple[Arrival, ...]:
    """Ask what has changed: the request that comes back empty most of the time."""
    return _ordinary("poll", target, target.polled, BUNDLE)


def search(target: Target) -> tuple[Arrival, ...]:
    """Ask for one page of a search."""
    return _ordinary("search", target, target.searched, BUNDLE)


def read(target: Target) -> tuple[Arrival, ...]:
    """Read one resource; an answer that does not hold its id is wrong."""
    return tuple(
        arrival
        for reference in target.readable
        for arrival in _ordinary("read", target, (reference,), Expect((200,), required=_id(reference)))
    )


def charts(target: Target) -> tuple[tuple[Arrival, ...], ...]:
    """Return each way of opening the chart of a patient: what is asked at once, by one persona."""
    return tuple(
        tuple(Arrival("chart", path, persona.name, _of_chart(path), source=persona.source) for path in chart)
        for persona in target.unrestricted
        for chart in target.charts
    )


def chart(target: Target) -> tuple[Arrival, ...]:
    """Ask one thing of the chart of a patient: the Patient, or what one search finds about that patient."""
    return tuple(arrival for opened in charts(target) for arrival in opened)


def page(target: Target) -> tuple[Arrival, ...]:
    """Ask for one very large page, as an extraction does."""
    return _ordinary("page", target, target.wide, BUNDLE)


def wide(target: Target) -> tuple[Arrival, ...]:
    """Ask for too much: a large page of everything. A server may serve it, refuse it or ask for patience."""
    served_or_not = Expect(statuses=(200, 400, 403, 413, 422, 429))
    return _ordinary("wide", target, target.wide, served_or_not)


def metadata(target: Target) -> tuple[Arrival, ...]:
    """Read the capability statement."""
    return _ordinary("metadata", target, ("metadata",), Expect((200,), required='"CapabilityStatement"'))


def token(target: Target) -> tuple[Arrival, ...]:
    """Obtain a new token; the persona uses it from then on."""
    if target.token_url is None:
        return ()
    granted = Expect((200,), required='"access_token"')
    return tuple(
        Arrival(TOKEN, "", persona.name, granted, method="POST", source=persona.source)
        for persona in target.personas
        if persona.token
    )


def wrong_source(target: Target) -> tuple[Arrival, ...]:
    """Level 1: a request that would be allowed, from an address that is not."""
    refused = Expect((403,), refusal=True)
    source = target.refused_source
    if source is None:
        return ()
    return tuple(
        Arrival("refused-source", path, persona.name, refused, source=source)
        for persona in target.unrestricted
        for path in _data(target)
    )


def no_token(target: Target) -> tuple[Arrival, ...]:
    """Level 2: a request that would be allowed, without a token."""
    refused = Expect((401, 403), refusal=True)
    return tuple(
        Arrival("refused-token", path, ANONYMOUS, refused, source=persona.source)
        for persona in target.unrestricted
        if persona.credentialed
        for path in _data(target)
    )


def type_out_of_scope(target: Target) -> tuple[Arrival, ...]:
    """Level 3: a search on a type that the scopes do not cover."""
    refused = Expect((403,), refusal=True)
    paths = (f"{target.denied_type}?_count=1",) if target.denied_type else ()
    return _restricted("refused-scope", target, paths, refused)


def outside_cohort(target: Target) -> tuple[Arrival, ...]:
    """Level 4: a read outside the cohort; whether 403 or 404 is better is judged by the probes."""
    return _restricted("refused-cohort", target, target.outside, Expect((403, 404), refusal=True))


def masked_value(target: Target) -> tuple[Arrival, ...]:
    """Level 5: an allowed answer that must hold neither a masked value nor an id from outside."""
    if not target.masked_values:
        return ()
    forbidden = (*target.masked_values, *(_id(reference) for reference in target.outside))
    without = Expect((200,), forbidden=forbidden, refusal=True)
    return _restricted("refused-mask", target, target.masked or target.searched, without)


DENIALS: tuple[Route, ...] = (wrong_source, no_token, type_out_of_scope, outside_cohort, masked_value)
"""One expected denial for each of the five levels."""


def _ordinary(route: str, target: Target, paths: tuple[str, ...], expect: Expect) -> tuple[Arrival, ...]:
    return tuple(
        Arrival(route, path, persona.name, expect, source=persona.source)
        for path in paths
        for persona in target.unrestricted
    )


def _restricted(route: str, target: Target, paths: tuple[str, ...], expect: Expect) -> tuple[Arrival, ...]:
    return tuple(
        Arrival(route, path, persona.name, expect, source=persona.source)
        for path in paths
        for persona in target.restricted
    )


def _of_chart(path: str) -> Expect:
    return BUNDLE if "?" in path else Expect((200,), required=_id(path))


def _data(target: Target) -> tuple[str, ...]:
    return target.readable or target.searched or target.polled


def _id(reference: str) -> str:
    return reference.rpartition("/")[2]
