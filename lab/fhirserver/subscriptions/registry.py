"""The rows of those who are told of events: kept, stopped and forgotten as their Subscriptions are written.

The number of events goes on over an update; it starts again when a stopped Subscription is asked for again.
Spec: http://hl7.org/fhir/uv/subscriptions-backport/STU1.1/workflow.html
"""

from lab.fhir.request import FhirRequest, parse
from lab.fhir.strict_json import read
from lab.fhirserver.storage.store import Store
from lab.fhirserver.subscriptions.admission import ASKING
from lab.fhirserver.subscriptions.asking import plan_of
from lab.fhirserver.subscriptions.plan import as_text

_KEEP = """
insert into subscriber(id, status, plan, heartbeat, ends, quiet) values (?1, ?2, ?3, ?4, ?5, ?6)
on conflict(id) do update set status = ?2, plan = ?3, heartbeat = ?4, ends = ?5, quiet = ?6,
    error = '', tries = 0, due = 0, claim = '', lease = 0
"""


def register(store: Store, id_: str, body: bytes, base_url: str) -> None:
    """Keep what a Subscription that was just written asks for."""
    resource = read(body)
    (before,) = store.rows("select status from subscriber where id = ?", (id_,)) or [("",)]
    if resource.get("status") not in ASKING:
        stop = "update subscriber set status = ?, claim = '', lease = 0 where id = ?"
        store.rows(stop, (resource.get("status", "off"), id_))
        return
    if before[0] not in ASKING:
        forget(store, id_)
    plan = plan_of(_request(base_url), resource)
    row = (id_, resource["status"], as_text(plan), plan.heartbeat, plan.ends, store.now())
    store.rows(_KEEP, row)


def forget(store: Store, id_: str) -> None:
    """Forget a Subscription and its events."""
    store.rows("delete from subscriber where id = ?", (id_,))
    store.rows("delete from outbox where subscriber = ?", (id_,))


def _request(base_url: str) -> FhirRequest:
    return parse("GET", "Subscription", "", {}, b"", base_url=base_url)
