"""Cohorts as clauses over pools: what is shown, found, written and exported is what a small model says."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import combinations

import pytest
from cohort_world import DENIED, GONE, PEOPLE, POOLS, QUERIES, TYPES, WORLD, expected, people, shows, world
from exporting import exported, ids
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from server_hospital import Hospital, StoreAt

from lab.fhir.cohort import Cohort
from lab.fhir.view import View
from lab.fhirserver.backend import EmbeddedBackend
from lab.fhirserver.sql import Sql
from lab.fhirserver.storage.store import Store
from lab.fhirserver.storage.type_numbers import number
from lab.fhirserver.visibility import holds, visible


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory, store_at: StoreAt) -> Iterator[Hospital]:
    """The world, some of it deleted."""
    backend = EmbeddedBackend(store_at(tmp_path_factory.mktemp("cohorts") / "h.db"), page_key=b"p" * 32)
    backend.load(world())
    everything = Hospital(backend)
    for name in GONE:
        assert everything.ask("DELETE", f"/{name}").status == 204
    yield everything
    backend.close()


class UndoneError(Exception):
    """What was written is not to stay."""


@contextmanager
def undone(store: Store) -> Iterator[None]:
    """Undo what is written inside."""
    with suppress(UndoneError), store.transaction():
        yield
        raise UndoneError


def store_of(hospital: Hospital) -> Store:
    return hospital.backend._server.store  # noqa: SLF001 - what conditions are made for


def of_pools(pools: tuple[str, ...]) -> list[frozenset[str]]:
    return [frozenset(each) for size in (1, 2) for each in combinations(pools, size)]


def cohorts() -> Iterator[Cohort]:
    """Yield every cohort of at most two clauses of at most two pools, under every denial of at most two."""
    clauses = of_pools(POOLS)
    for within in ((), *((c,) for c in clauses), *combinations(clauses, 2)):
        for without in (frozenset[str](), *of_pools(DENIED)):
            yield Cohort(within, without)


def test_every_cohort_shows_what_the_model_says_and_would_hold_it(asked: Hospital) -> None:
    store, count = store_of(asked), 0
    for cohort in cohorts():
        view = View(dict.fromkeys(TYPES, cohort), "v")
        for type_ in TYPES:
            condition = visible(store, view, type_, store.now())
            every = Sql("select r.id from resource r where r.type = ? and", (number(type_),)) + condition
            seen = {id_ for (id_,) in store.rows(every.text, every.args)}
            model = {*expected(cohort, type_), *expected(cohort, type_, gone=True)}
            assert seen == model, (str(cohort), type_)
        wrong = [name for name, r in WORLD.items() if holds(store, view, r) != shows(cohort, r)]
        assert wrong == [], str(cohort)
        count += 1
    assert count == (1 + 10 + 45) * 11


def drawn(type_: str) -> st.SearchStrategy[Cohort]:
    queries = st.sampled_from(sorted(QUERIES.get(type_, ()))) if type_ in QUERIES else None
    return st.builds(
        Cohort,
        st.lists(st.sampled_from(of_pools(POOLS)), max_size=2, unique=True).map(tuple),
        st.sets(st.sampled_from(DENIED), max_size=2).map(frozenset),
        st.just(())
        if queries is None
        else st.lists(st.frozensets(queries, min_size=1), max_size=2).map(tuple),
    )


VIEWS = st.fixed_dictionaries({type_: drawn(type_) for type_ in TYPES}).map(lambda found: View(found, "v"))
STEADY = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@STEADY
@given(VIEWS)
def test_reads_and_searches_of_all_kinds_show_the_same(asked: Hospital, view: View) -> None:
    client = asked.seen_through(view)
    for type_ in TYPES:
        cohort, there = view.cohort(type_), expected(view.cohort(type_), type_)
        for url in (f"/{type_}?_count=1000", f"/{type_}?_sort=-_lastUpdated&_count=1000"):
            assert client.ids(url) == there, (url, str(cohort))
        assert client.get(f"/{type_}?_summary=count").json["total"] == len(there)
        for name, resource in WORLD.items():
            if resource["resourceType"] == type_ and not (cohort.queries and name in GONE):
                status = 404 if not shows(cohort, resource) else 410 if name in GONE else 200
                assert client.get(f"/{name}").status == status, (name, str(cohort))
    everywhere = client.get("/?_type=Patient,Observation,Group,List,Organization,Encounter&_count=1000")
    assert everywhere.status == 200, everywhere.body
    assert len(everywhere.ids()) == sum(len(expected(view.cohort(t), t)) for t in TYPES)


@STEADY
@given(VIEWS)
def test_what_is_followed_on_the_way_is_in_the_view(asked: Hospital, view: View) -> None:
    client = asked.seen_through(view)
    patients = expected(view.cohort("Patient"), "Patient")
    observations = [
        WORLD[f"Observation/{id_}"] for id_ in expected(view.cohort("Observation"), "Observation")
    ]
    coded = [o for o in observations if o["code"]["coding"][0]["code"] == "718-7"]
    assert client.ids("/Observation?code=718-7&_count=1000") == sorted(o["id"] for o in coded)
    subjects = {o["id"]: o["subject"].get("reference", "").removeprefix("Patient/") for o in observations}
    for person in PEOPLE:
        of = sorted(o["id"] for o in observations if person in people(o) and subjects[o["id"]] == person)
        assert client.ids(f"/Observation?subject=Patient/{person}&_count=1000") == of
    women = [p for p in patients if WORLD[f"Patient/{p}"]["gender"] == "female"]
    chained = sorted(id_ for id_, subject in subjects.items() if subject in women)
    assert client.ids("/Observation?subject:Patient.gender=female&_count=1000") == chained
    local = {i: s for i, s in subjects.items() if "://" not in s and not s.startswith("Device")}
    had = sorted({local[o["id"]] for o in coded if local.get(o["id"]) in patients})
    assert client.ids("/Patient?_has:Observation:subject:code=718-7&_count=1000") == had
    included = client.get("/Observation?_include=Observation:subject&_count=1000").ids("include")
    assert sorted(included) == sorted(set(local.values()) & set(patients))
    backward = client.get("/Patient?_revinclude=Observation:subject&_count=1000").ids("include")
    assert sorted(backward) == sorted(id_ for id_, subject in local.items() if subject in patients)


@settings(STEADY, max_examples=40)
@given(VIEWS, st.sampled_from(("Patient", "Observation", "Encounter", "Organization")))
def test_what_is_made_is_in_the_view_and_what_is_deleted_was(asked: Hospital, view: View, type_: str) -> None:
    client, store, cohort = asked.seen_through(view), store_of(asked), view.cohort(type_)
    for name, resource in WORLD.items():
        if resource["resourceType"] != type_ or (name in GONE and cohort.queries):
            continue
        with undone(store):
            status = client.ask("POST", f"/{type_}", resource).status
        assert status == (201 if shows(cohort, {**resource, "id": "made"}) else 403), (name, str(cohort))
        with undone(store):
            assert client.ask("DELETE", f"/{name}").status == 204
            gone = store.current(type_, resource["id"])
        assert gone is not None
        assert bool(gone.deleted) is (name in GONE or shows(cohort, resource)), (name, str(cohort))


INTO = ("of-group", "of-list", "of-nobody", "of-gone", "of-all-and-never", "of-three", "vip-of-nobody")


@settings(STEADY, max_examples=60)
@given(VIEWS, st.sampled_from(INTO))
def test_what_is_replaced_was_in_the_view_and_stays_there(asked: Hospital, view: View, into: str) -> None:
    client, store, cohort = asked.seen_through(view), store_of(asked), view.cohort("Observation")
    for name, resource in WORLD.items():
        if resource["resourceType"] != "Observation" or (name in GONE and cohort.queries):
            continue
        after = {**WORLD[f"Observation/{into}"], "id": resource["id"]}
        with undone(store):
            status = client.ask("PUT", f"/{name}", after).status
        if not shows(cohort, resource):
            assert status == 404, (name, str(cohort))
        elif shows(cohort, after):
            assert status == (201 if name in GONE else 200), (name, str(cohort))
        else:
            assert status == 403, (name, str(cohort))


@settings(STEADY, max_examples=25)
@given(VIEWS)
def test_a_version_is_shown_when_the_resource_is_and_what_it_holds_would_be(
    asked: Hospital, view: View
) -> None:
    cohort = view.cohort("Observation")
    view = View({**view.cohorts, "Observation": Cohort(cohort.within, cohort.without)}, "v")
    cohort, client, store = view.cohort("Observation"), asked.seen_through(view), store_of(asked)
    name = "Observation/of-group"
    contents = ("of-group", "of-none", "vip-of-group", "of-nobody", "of-group-and-all", "of-list", "of-gone")
    for last in contents:
        with undone(store):
            for content in (*contents, last):
                body = {**WORLD[f"Observation/{content}"], "id": "of-group"}
                assert asked.ask("PUT", f"/{name}", body).status == 200
            history = client.get(f"/{name}/_history?_count=100")
            read = [client.get(f"/{name}/_history/{n + 2}").status for n in range(len(contents))]
        if not shows(cohort, WORLD[f"Observation/{last}"]):
            assert {history.status, *read} == {404}
            continue
        model = [shows(cohort, WORLD[f"Observation/{content}"]) for content in contents]
        assert read == [200 if shown else 404 for shown in model], str(cohort)
        assert len(history.entries) == sum(model) + 1 + shows(cohort, WORLD[name])


@settings(STEADY, max_examples=40)
@given(VIEWS)
def test_an_export_gives_what_the_view_shows(asked: Hospital, view: View) -> None:
    found = ids(exported(asked.seen_through(view), "/$export"))
    assert found == {f"{t}/{id_}" for t in TYPES for id_ in expected(view.cohort(t), t)}
    confined = ids(exported(asked.seen_through(view), "/Patient/$export"))
    assert confined == {name for name in found if people(WORLD[name])}
