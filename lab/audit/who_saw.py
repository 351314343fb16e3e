"""Who saw a patient: what the events say, application by application.

Three accounts: those who were given data of the patient, those who changed some, and those who tried: they
asked for it by name and were refused, or given nothing.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from lab.audit import codes

Event = dict[str, Any]
_PLACE = re.compile(r"\S+ (?P<first>[^/\s]+)")
_PATIENT = re.compile(r"Patient/(?P<id>[A-Za-z0-9\-.]{1,64})(?:/_history/.*)?")


@dataclass(frozen=True)
class Question:
    """Which events count: those on the patient, of the client, recorded from ``since``; empty is any."""

    patient: str = ""
    client: str = ""
    since: datetime | None = None


@dataclass
class Access:
    """What one application did; ``laboratory`` is the laboratory asking in its name.

    A Bundle of requests and an answer sent in pieces count as one request. ``levels`` are those that refused.
    """

    client: str
    laboratory: bool
    first: str = ""
    last: str = ""
    requests: int = 0
    types: set[str] = field(default_factory=set)
    purposes: set[str] = field(default_factory=set)
    addresses: set[str] = field(default_factory=set)
    levels: set[int] = field(default_factory=set)
    patients: set[str] = field(default_factory=set)
    _inside: set[str] = field(default_factory=set, repr=False)

    def add(self, event: Event, patients: Iterable[str]) -> None:
        """Count one event."""
        recorded, agent, details = event["recorded"], event["agent"][0], _details(event)
        self.first = min(self.first or recorded, recorded)
        self.last = max(self.last, recorded)
        whole = details.get("inside") or str(event["id"])
        if whole not in self._inside:
            self._inside.add(whole)
            self.requests += 1
        self.types.update(_types(event))
        self.patients.update(patients)
        self.purposes.update(c["code"] for p in agent.get("purposeOfUse", ()) for c in p.get("coding", ()))
        if "network" in agent:
            self.addresses.add(agent["network"]["address"])
        if details.get("decision") == "refused" and details.get("level", "").isdigit():
            self.levels.add(int(details["level"]))


@dataclass
class Account:
    """The three accounts, by application and laboratory."""

    seen: dict[tuple[str, bool], Access] = field(default_factory=dict)
    changed: dict[tuple[str, bool], Access] = field(default_factory=dict)
    tried: dict[tuple[str, bool], Access] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        """Tell whether nobody saw, changed or tried anything."""
        return not (self.seen or self.changed or self.tried)


def who_saw(events: Iterable[Event], question: Question) -> Account:
    """Return the accounts of the events that the question is about."""
    account = Account()
    for event in events:
        if not _counts(event, question):
            continue
        seen, changed, asked = _patients(event)
        one = question.patient
        refused = event.get("outcome") != codes.ALLOWED
        if not refused and (one in seen if one else seen):
            _access(account.seen, event).add(event, {one} if one else seen)
        if not refused and (one in changed if one else changed):
            _access(account.changed, event).add(event, {one} if one else changed)
        tried = one in asked and (refused or one not in seen | changed) if one else refused
        if tried:
            _access(account.tried, event).add(event, {one} if one else asked)
    return account


def _counts(event: Event, question: Question) -> bool:
    client = _client(event)
    since = question.since
    return (not question.client or question.client == client) and (
        since is None or datetime.fromisoformat(event["recorded"]) >= since
    )


def _access(of: dict[tuple[str, bool], Access], event: Event) -> Access:
    key = (_client(event), event["agent"][0].get("altId") == codes.LABORATORY)
    return of.setdefault(key, Access(*key))


def _client(event: Event) -> str:
    return str(event["agent"][0].get("who", {}).get("identifier", {}).get("value", ""))


def _details(event: Event) -> dict[str, str]:
    found = (d for entity in event.get("entity", ()) for d in entity.get("detail", ()))
    return {d["type"]: d.get("valueString", "") for d in found}


def _types(event: Event) -> Iterator[str]:
    for entity in event.get("entity", ()):
        if match := _PLACE.match(entity.get("name", "")):
            yield match["first"]


def _patients(event: Event) -> tuple[set[str], set[str], set[str]]:
    """Return the patients that an event says were seen, changed and asked for."""
    seen: set[str] = set()
    changed: set[str] = set()
    asked: set[str] = set()
    for entity in event.get("entity", ()):
        match = _PATIENT.fullmatch(entity.get("what", {}).get("reference", ""))
        if match is None:
            continue
        if entity.get("role", {}).get("code") != codes.PATIENT["code"]:
            asked.add(match["id"])
        elif entity.get("lifecycle", {}).get("code") == codes.SEEN["code"]:
            seen.add(match["id"])
        else:
            changed.add(match["id"])
    return seen, changed, asked
