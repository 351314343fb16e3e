"""What is to be sent next, claimed by one sender at a time; and what became of it.

A claim holds for ``LEASE_MS``: that of a killed process is taken over by another one, which sends again what
it was sending. All that follows a claim is done under it only, so that a Subscription that was changed or
taken over meanwhile is left alone.
"""

import secrets
from dataclasses import dataclass
from typing import Any

from lab.fhirserver.storage.store import Store
from lab.fhirserver.subscriptions.plan import Plan, from_text

LEASE_MS = 10_000
KEPT = 100
"""Events that are kept after they were sent, for ``$events``."""

_DUE = """
select id from subscriber where due <= ?1 and lease <= ?1 and (status in ('requested', 'failing')
    or status = 'active' and (events > sent or ends <= ?1
        or heartbeat > 0 and quiet + heartbeat * 1000 <= ?1))
order by due limit 1
"""
_CLAIM = """
update subscriber set claim = ?, lease = ? where id = ? and lease <= ?
returning status, plan, events, sent, tries, error
"""
_EVENTS = """
select n, k, type, id, version, method, at from outbox where subscriber = ? and n between ? and ?
order by n limit ?
"""


@dataclass(frozen=True)
class Claim:
    """A Subscription that is this sender's for a while."""

    mark: str
    id: str
    status: str
    plan: Plan
    events: int
    sent: int
    tries: int
    error: str


@dataclass(frozen=True)
class Event:
    """One event of a Subscription; ``at`` in milliseconds UTC."""

    n: int
    k: int
    type: str
    id: str
    version: int
    method: str
    at: int


def claim(store: Store, now: int) -> Claim | None:
    """Claim a Subscription that has something to send."""
    for (id_,) in store.rows(_DUE, (now,)):
        mark = secrets.token_hex(8)
        for row in store.rows(_CLAIM, (mark, now + LEASE_MS, id_, now)):
            return _claim(mark, id_, *row)
    return None


def _claim(mark: str, id_: str, status: str, plan: str, *rest: Any) -> Claim:
    return Claim(mark, id_, status, from_text(plan), *rest)


def events(store: Store, id_: str, first: int, last: int, most: int = KEPT) -> list[Event]:
    """Return the events of a Subscription with these numbers that are still kept."""
    return [Event(*row) for row in store.rows(_EVENTS, (id_, first, last, most))]


def body(store: Store, event: Event) -> bytes | None:
    """Return the resource as the event left it, None for a deletion."""
    sql = (
        "select body from resource where k = ?1 and version = ?2"
        " union all select body from history where k = ?1 and version = ?2"
    )
    return next((store.unpack(row) for (row,) in store.rows(sql, (event.k, event.version)) if row), None)


def again(store: Store, claimed: Claim, n: int, now: int) -> Claim | None:
    """Record that all is sent up to an event; return the claim if more waits, None if not or if lost."""
    update = (
        "update subscriber set sent = ?, tries = 0, due = 0, quiet = ?, lease = ? where id = ? and claim = ?"
        " returning status, plan, events, sent, tries, error"
    )
    with store.transaction():
        kept = store.rows(update, (n, now, now + LEASE_MS, claimed.id, claimed.mark))
        if kept:
            store.rows("delete from outbox where subscriber = ? and n <= ?", (claimed.id, n - KEPT))
    for row in kept:
        after = _claim(claimed.mark, claimed.id, *row)
        return after if after.events > n or after.status != "active" else None
    return None


def failed(store: Store, claimed: Claim, due: int) -> None:
    """Record that a try failed, and when the next one is due."""
    update = (
        "update subscriber set tries = tries + 1, due = ?, claim = '', lease = 0 where id = ? and claim = ?"
    )
    store.rows(update, (due, claimed.id, claimed.mark))


def release(store: Store, claimed: Claim) -> None:
    """Give a claim back."""
    update = "update subscriber set claim = '', lease = 0 where id = ? and claim = ?"
    store.rows(update, (claimed.id, claimed.mark))
