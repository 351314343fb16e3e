"""Which of some stored resources meet the criteria of a Subscription: one look at their rows.

The criteria are read by the reader of searches.

Spec: http://hl7.org/fhir/R4/subscription.html#criteria
"""

from collections.abc import Iterable
from time import monotonic

import orjson

from lab.fhir.response import FhirError
from lab.fhir.view import EVERYTHING
from lab.fhirserver.search.own import Scope
from lab.fhirserver.search.reading import read
from lab.fhirserver.sql import Sql
from lab.fhirserver.storage.store import Store
from lab.fhirserver.storage.type_numbers import number
from lab.fhirserver.subscriptions.endpoint import refused
from lab.fhirserver.subscriptions.plan import Plan

_LONGEST_S = 0.05
"""What one look may take: every write of the type waits for it."""


def meeting(store: Store, plan: Plan, ks: Iterable[int]) -> frozenset[int]:
    """Return the numbers of the resources, among some, that meet the criteria now.

    Raises:
        FhirError: 400 when the criteria cannot be understood.
    """
    scope = Scope(store, EVERYTHING, plan.base_url, store.now())
    query = read(scope, plan.type, plan.asked, strict=True).query
    listed = Sql("r.k in (select value from json_each(?)) and", (orjson.dumps(list(ks)).decode(),))
    looked = Sql("select r.k from resource r not indexed where") + listed + query.met()
    return frozenset(k for (k,) in store.rows(looked.text, looked.args))


def check_criteria(store: Store, plan: Plan) -> None:
    """Verify that the criteria can be looked at, and fast, on a resource of their type if there is one.

    Raises:
        FhirError: 422 when they cannot.
    """
    last = "select k from resource where type = ? and deleted = 0 order by k desc limit 1"
    ks = [k for (k,) in store.rows(last, (number(plan.type),))]
    for _ in range(2):  # the first look may have to read from the disk
        begun = monotonic()
        try:
            meeting(store, plan, ks)
        except FhirError as error:
            raise refused(f"The criteria cannot be used. {error.diagnostics}", error.issue) from None
        if monotonic() - begun <= _LONGEST_S:
            return
    raise refused("The criteria take too long to look at: leave out chains and _has.", "too-costly")
