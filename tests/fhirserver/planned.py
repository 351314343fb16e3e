"""A store to look at plans of, and what a search asks of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from server_hospital import hospital

from lab.fhir.request import Parameter
from lab.fhir.view import EVERYTHING, View
from lab.fhirserver.search.own import Scope
from lab.fhirserver.search.reading import Search, read
from lab.fhirserver.storage.loading import load
from lab.fhirserver.storage.store import Store
from lab.fhirserver.storage.times import HOSPITAL_ZONE


def condition(id_: str, of: str, code: str, **more: Any) -> dict[str, Any]:
    """Return a resource of a type that has no slots."""
    return {
        "resourceType": "Condition",
        "id": id_,
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": code}]},
        "subject": {"reference": f"Patient/{of}"},
        **more,
    }


@contextmanager
def planned(folder: Path) -> Iterator[Store]:
    """Fill a store with a small hospital and three conditions of one patient."""
    store = Store(folder / "p.db", clock=lambda: datetime.now(UTC), zone=HOSPITAL_ZONE)
    conditions = (condition(f"c{n}", "in1", "I10", recordedDate="2026-03-01") for n in range(3))
    load(store, [*hospital(), *conditions])
    yield store
    store.close()


def search(store: Store, query: str, view: View = EVERYTHING) -> Search:
    """Return what a search such as ``Observation?code=x`` asks."""
    type_, _, parameters = query.partition("?")
    asked = []
    for pair in parameters.split("&") if parameters else ():
        key, _, value = pair.partition("=")
        name, _, modifier = key.partition(":")
        asked.append(Parameter(name, value, modifier or None))
    scope = Scope(store, view, "http://hospital.test/fhir", store.now())
    return read(scope, type_, asked, strict=True)
