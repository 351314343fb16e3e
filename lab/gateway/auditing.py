"""What the gateway traces of a request before it answers; an answer that cannot be traced is not given.

Spec: docs/audit.md
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from lab.audit.decided import Caller, Decided
from lab.audit.event import audit_event
from lab.audit.patients import patients_in
from lab.audit.trail import Trail, TrailError
from lab.fhir.http import HttpRequest
from lab.fhir.interaction import CONTAINERS, WRITES, Interaction
from lab.fhir.request import FhirRequest, parse
from lab.fhir.response import FhirError, FhirResponse, outcome
from lab.fhir.strict_json import exact
from lab.gateway import bundle
from lab.gateway.passage import Entry, Passage
from lab.journal.redact import Redactor
from lab.model.exchange import Decision

_LOG = logging.getLogger(__name__)
_UNTRACED = (503, "transient", "The platform cannot answer now: send the request again later.")


def check(trail: Trail | None) -> None:
    """Refuse to begin what could not be traced at its end.

    Raises:
        FhirError: 503, the trail is full or cannot be written.
    """
    if trail is not None and not trail.ready:
        raise FhirError(*_UNTRACED)


def trace(
    trail: Trail | None,
    redactor: Redactor,
    http: HttpRequest,
    passage: Passage,
    base_url: str,
    *,
    laboratory: bool,
) -> FhirResponse:
    """Write what was decided and return the answer to send: that one, or 503 when it cannot be written.

    ``base_url`` is that of the listener.
    """
    if trail is None:
        return passage.answer
    writer = _Writer(trail, redactor, _caller(http.peer or passage.proxy, passage, laboratory=laboratory))
    try:
        whole = _whole(http, passage, base_url)
        first = writer.write([whole, *map(_of_entry, passage.entries), *_unread_entries(passage)])
    except TrailError:
        return outcome(*_UNTRACED)
    except Exception:  # noqa: BLE001 - what cannot be traced is not served, whatever the cause
        _LOG.exception("A decision could not be traced.")
        return outcome(*_UNTRACED)
    chunks = passage.answer.chunks
    if chunks is None or http.method == "HEAD":
        return passage.answer
    return replace(passage.answer, chunks=_pieces(chunks, writer, replace(whole, inside=first)))


def _caller(peer: str, passage: Passage, *, laboratory: bool) -> Caller:
    known = passage.registration
    if known is None:
        return Caller(peer, passage.client, laboratory=laboratory)
    policy = known.policy
    return Caller(peer, passage.client, known.purpose, policy.id, policy.version, laboratory)


@dataclass(frozen=True)
class _Writer:
    trail: Trail
    redactor: Redactor
    caller: Caller

    def write(self, decided: Sequence[Decided]) -> str:
        """Write one event for each; all but the first are inside the first, whose id is returned."""
        first, events = "", list[bytes]()
        for one in decided:
            inside = replace(one, inside=first) if first else one
            id_ = self.trail.new_id()
            first = first or id_
            events.append(audit_event(self.caller, inside, id_, self.trail.now(), self.redactor))
        self.trail.write(events)
        return first


def _pieces(chunks: Iterable[bytes], writer: _Writer, decided: Decided) -> Iterator[bytes]:
    """Yield the pieces of an answer, each after the event that names the patients in it.

    Raises:
        TrailError: an event cannot be written; the connection is cut there.
    """
    for chunk in chunks:
        seen = patients_in(chunk)
        if seen:
            writer.write([replace(decided, seen=seen)])
        yield chunk


def _whole(http: HttpRequest, passage: Passage, base_url: str) -> Decided:
    request = passage.parsed or _unparsed(http, base_url)
    shown = http.method != "HEAD" and not passage.entries
    return _carried(request, passage.decision, passage.answer, seen=shown, act=passage.act or "")


def _unparsed(http: HttpRequest, base_url: str) -> FhirRequest | None:
    """Return what a request that was refused unread asked for, by its first line alone."""
    try:
        path = http.path.removeprefix(urlsplit(base_url).path)
        return parse(http.method, path, http.query, {}, b"", base_url=base_url)
    except FhirError:
        return None


def _of_entry(entry: Entry) -> Decided:
    return _carried(entry.request, entry.decision, entry.answer, seen=True, act="")


def _unread_entries(passage: Passage) -> list[Decided]:
    """Return a refusal for each entry of a batch that could not be read, and that no level decided on."""
    request, answer = passage.parsed, passage.answer
    if request is None or request.interaction is not Interaction.BATCH or answer.status != 200:
        return []
    unread = len(exact(answer.body).get("entry", [])) - len(passage.entries)
    return [Decided(None, None, 400)] * unread


def _carried(
    request: FhirRequest | None,
    decision: Decision | None,
    answer: FhirResponse,
    *,
    seen: bool,
    act: str,
) -> Decided:
    base = request.base_url if request is not None else ""
    given = patients_in(answer.body, base) if seen and answer.status < 400 else ()
    if request is None or request.interaction not in WRITES | CONTAINERS:
        return Decided(request, decision, answer.status, given, act=act)
    location = _location(answer, base)
    written = _written(request, location) if answer.status < 400 else ()
    entries = _entries(request) if request.interaction is Interaction.TRANSACTION else ()
    return Decided(request, decision, answer.status, given, written, entries, location, act)


def _written(request: FhirRequest, location: str) -> tuple[str, ...]:
    """Return the patients about whom something was stored or removed."""
    if request.interaction is Interaction.TRANSACTION:
        return tuple(dict.fromkeys(id_ for entry in _entries(request) for id_ in _written(entry, "")))
    if request.interaction not in WRITES:
        return ()
    if request.type == "Patient":
        return tuple(filter(None, [request.id or location.removeprefix("Patient/").partition("/")[0]]))
    return patients_in(request.body)


def _location(answer: FhirResponse, base_url: str) -> str:
    """Return the relative address of what was created."""
    if answer.status != 201:
        return ""
    location = dict(answer.headers).get("location", "")
    return location.removeprefix(f"{base_url}/") if location.startswith(f"{base_url}/") else ""


def _entries(request: FhirRequest) -> tuple[FhirRequest, ...]:
    try:
        return bundle.entries(request)
    except FhirError:
        return ()
