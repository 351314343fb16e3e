"""Note, in the transaction of a write, whom it must be told to.

A resource that is written is matched as it is when the transaction ends, one that is deleted as it was.
Spec: http://hl7.org/fhir/R4/subscription.html
"""

from collections.abc import Callable, Sequence

from lab.fhir.response import FhirError
from lab.fhirserver.storage.store import Store
from lab.fhirserver.storage.stored import Change, Stored
from lab.fhirserver.subscriptions.matching import meeting
from lab.fhirserver.subscriptions.plan import Plan, from_text
from lab.fhirserver.subscriptions.registry import forget, register

MOST_WAITING = 1000
"""Events that one Subscription may have to come; one more stops it."""

_ACTIVE = "select id, plan from subscriber where status = 'active'"
_COUNT = "update subscriber set events = events + 1 where id = ? returning events, events - sent"
_NOTE = "insert into outbox(subscriber, n, k, type, id, version, method, at) values (?,?,?,?,?,?,?,?)"
_STOP = "update subscriber set status = 'failing', due = 0, error = ? where id = ?"
_TOO_MANY = f"More than {MOST_WAITING} notifications were waiting: the endpoint is too slow."
_UNREADABLE = "The criteria can no longer be looked at."


class Watcher:
    """Called by the store; ``wake`` is called after a transaction that left something to send."""

    def __init__(self, store: Store, wake: Callable[[], None]) -> None:
        self._store, self._wake = store, wake
        self._noted = False

    def removing(self, before: Stored) -> None:
        """Note the deletion of a resource that is still there."""
        if before.type == "Subscription":
            forget(self._store, before.id)
        after = Stored(before.k, before.type, before.id, before.version + 1, 0, "DELETE", 1, None)
        self._match([Change(before, after, "")])

    def committing(self, changes: Sequence[Change]) -> None:
        """Note what a transaction has written, before it ends."""
        self._match(changes)
        for change in changes:
            if change.after.type == "Subscription" and change.after.body is not None:
                register(self._store, change.after.id, change.after.body, change.base_url)
                self._noted = True

    def committed(self) -> None:
        """Have sent what was noted."""
        if self._noted:
            self._noted = False
            self._wake()

    def _match(self, changes: Sequence[Change]) -> None:
        for id_, text in self._store.remembered(_ACTIVE):
            plan = from_text(text)
            of_type = [change for change in changes if change.after.type == plan.type]
            if of_type and plan.ends > self._store.now():
                self._look(id_, plan, of_type)

    def _look(self, id_: str, plan: Plan, changes: Sequence[Change]) -> None:
        fired = [c for c in changes if plan.fires(c.before.body if c.before else None, c.after.body)]
        try:
            met = meeting(self._store, plan, (c.after.k for c in fired)) if fired else frozenset()
        except FhirError:
            self._stop(id_, _UNREADABLE)
            return
        for change in fired:
            if change.after.k in met and not self._note(id_, change.after):
                return

    def _note(self, id_: str, after: Stored) -> bool:
        """Note an event; False when it is one too many."""
        ((n, waiting),) = self._store.rows(_COUNT, (id_,))
        if waiting > MOST_WAITING:
            self._stop(id_, _TOO_MANY)
            return False
        at = after.updated or self._store.now()
        self._store.rows(_NOTE, (id_, n, after.k, after.type, after.id, after.version, after.method, at))
        self._noted = True
        return True

    def _stop(self, id_: str, error: str) -> None:
        self._store.rows(_STOP, (error, id_))
        self._noted = True
