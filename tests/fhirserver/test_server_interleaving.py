"""Random interleavings of writes, reads, histories and page walks keep what clients rely on.

``LAB_INTERLEAVING_EXAMPLES=2000 pytest tests/fhirserver/test_server_interleaving.py`` runs long, each time
on other interleavings.
"""

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    rule,
    run_state_machine_as_test,
)
from server_hospital import Hospital, StoreAt, patient

from lab.fhirserver.backend import EmbeddedBackend
from lab.fhirserver.storage.address import Place, is_database

pytestmark = pytest.mark.both_stores

EXAMPLES = int(os.environ.get("LAB_INTERLEAVING_EXAMPLES", "0"))
FAMILIES = ("Aa", "Bb", "Cc")
_family = st.sampled_from(FAMILIES)
_id = st.sampled_from([f"p{n}" for n in range(8)])


@dataclass
class Walk:
    """A walk through pages: what it must still bring, what it has brought, and where it goes on."""

    steady: set[str]
    sorted: bool
    next: str | None
    seen: list[str] = field(default_factory=list)


class Interleaving(RuleBasedStateMachine):
    """``bodies`` are the versions of each resource, None for a deletion."""

    walks = Bundle("walks")

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place

    @initialize()
    def start(self) -> None:
        """Open an empty hospital."""
        clock = lambda: datetime(2026, 5, 1, tzinfo=UTC)  # noqa: E731
        backend = EmbeddedBackend(self.place, page_key=b"p" * 32, clock=clock)
        self.hospital = Hospital(backend)
        self.bodies: dict[str, list[str | None]] = {}
        self.running: list[Walk] = []

    def there(self) -> set[str]:
        """Return the ids of what is not deleted."""
        return {id_ for id_, versions in self.bodies.items() if versions[-1] is not None}

    def wrote(self, id_: str, family: str | None) -> None:
        """Note a new version: what changes under a walk is no longer promised to it."""
        self.bodies.setdefault(id_, []).append(family)
        for walk in self.running:
            if family is None or walk.sorted:
                walk.steady.discard(id_)

    @rule(id_=_id, family=_family)
    def put(self, id_: str, family: str) -> None:
        """Create or update: the version grows by one."""
        new = id_ not in self.there()
        answer = self.hospital.ask("PUT", f"/Patient/{id_}", patient(id_, family))
        assert answer.status == (201 if new else 200)
        self.wrote(id_, family)
        assert answer.headers["etag"] == f'W/"{len(self.bodies[id_])}"'

    @rule(family=_family)
    def post(self, family: str) -> None:
        """Create under a new id."""
        answer = self.hospital.ask("POST", "/Patient", patient("ignored", family))
        assert answer.status == 201
        assert answer.json["id"] not in self.bodies
        self.wrote(answer.json["id"], family)

    @rule(id_=_id)
    def delete(self, id_: str) -> None:
        """Delete, or find nothing to delete."""
        assert self.hospital.ask("DELETE", f"/Patient/{id_}").status in {200, 204, 404, 410}
        if id_ in self.there():
            self.wrote(id_, None)

    @rule(id_=_id)
    def read(self, id_: str) -> None:
        """Find the last version: never there, gone or there."""
        answer = self.hospital.get(f"/Patient/{id_}")
        versions = self.bodies.get(id_)
        assert answer.status == (404 if versions is None else 410 if versions[-1] is None else 200)
        if answer.status == 200:
            assert answer.json["meta"]["versionId"] == str(len(versions or ()))
            assert answer.json["name"][0]["family"] == (versions or [""])[-1]

    @rule(id_=_id)
    def history(self, id_: str) -> None:
        """Find every version, newest first."""
        pages = self.hospital.get(f"/Patient/{id_}/_history?_count=1000")
        versions = self.bodies.get(id_)
        if versions is None:
            assert pages.status == 404
            return
        entries = pages.entries
        families = [e["resource"]["name"][0]["family"] if "resource" in e else None for e in entries]
        assert families == versions[::-1]
        times = [e["resource"]["meta"]["lastUpdated"] for e in entries if "resource" in e]
        assert times == sorted(set(times), reverse=True)

    @rule(id_=_id, version=st.integers(1, 4))
    def vread(self, id_: str, version: int) -> None:
        """Find one version as it was."""
        answer = self.hospital.get(f"/Patient/{id_}/_history/{version}")
        versions = self.bodies.get(id_, [])
        if version > len(versions):
            assert answer.status == 404
        else:
            held = versions[version - 1]
            assert answer.status == (410 if held is None else 200)
            assert held is None or answer.json["name"][0]["family"] == held

    @rule(family=_family)
    def search(self, family: str) -> None:
        """Find what is there now."""
        matching = {id_ for id_ in self.there() if self.bodies[id_][-1] == family}
        assert self.hospital.ids(f"/Patient?family={family}&_count=1000") == sorted(matching)

    @rule(target=walks, order=st.sampled_from(["", "&_sort=_id", "&_sort=family", "&_sort=-_lastUpdated"]))
    def begin(self, order: str) -> Walk:
        """Start a walk."""
        walk = Walk(self.there(), bool(order), f"/Patient?_count=2{order}")
        self.running.append(walk)
        return walk

    @rule(walk=walks)
    def advance(self, walk: Walk) -> None:
        """Follow a link; a page asked for again is the same."""
        if walk.next is None:
            return
        page = self.hospital.get(walk.next)
        assert page.status == 200
        assert len(page.ids()) <= 2
        walk.seen += page.ids()
        walk.next = page.link("next")
        assert self.hospital.get(page.link("self") or "").ids() == page.ids()

    @rule(walk=consumes(walks))
    def finish(self, walk: Walk) -> None:
        """Walk to the end: what was there throughout came exactly once."""
        for _ in range(1000):
            self.advance(walk)
        assert walk.next is None
        self.running.remove(walk)
        for id_ in walk.steady:
            assert walk.seen.count(id_) == 1

    def teardown(self) -> None:
        """Close the hospital."""
        if hasattr(self, "hospital"):
            self.hospital.backend.close()


def test_what_clients_rely_on_is_kept(store_at: StoreAt) -> None:
    place = store_at(Path(":memory:"))
    run_state_machine_as_test(
        lambda: Interleaving(store_at(Path(":memory:"))),
        settings=settings(
            max_examples=EXAMPLES or (8 if is_database(place) else 150),
            stateful_step_count=40,
            derandomize=not EXAMPLES,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
