"""Searches read an index, not the hospital; both plans give the same page."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from server_hospital import COHORT, Hospital, group, hospital, member, observation, patient, quantity

from lab.fhir.request import Parameter
from lab.fhir.view import EVERYTHING, View
from lab.fhirserver.backend import EmbeddedBackend
from lab.fhirserver.search import plan
from lab.fhirserver.search.criteria import Scope
from lab.fhirserver.search.reading import read
from lab.fhirserver.storage.loading import load
from lab.fhirserver.storage.store import Store
from lab.fhirserver.storage.times import HOSPITAL_ZONE


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store(
        Path(tmp_path_factory.mktemp("plans") / "p.db"), clock=lambda: datetime.now(UTC), zone=HOSPITAL_ZONE
    )
    load(store, hospital())
    yield store
    store.close()


def explained(
    store: Store, query: str, view: View = EVERYTHING, after: plan.Found | None = None
) -> list[str]:
    """Return the plan of each statement of a search on Observation."""
    scope = Scope(store, view, "http://hospital.test/fhir", store.now())
    parameters = []
    for pair in query.split("&") if query else ():
        key, _, value = pair.partition("=")
        name, _, modifier = key.partition(":")
        parameters.append(Parameter(name, value, modifier or None))
    search = read(scope, "Observation", parameters, strict=True)
    lines = []
    for statement in plan.statements(store, search.query, after):
        lines += [row[3] for row in store.rows(f"explain query plan {statement.text}", statement.args)]
    return lines


def test_a_read_is_one_probe(store: Store) -> None:
    rows = store.rows(
        "explain query plan select body from resource where type = ? and id = ?", ("Patient", "in1")
    )
    assert [row[3] for row in rows] == ["SEARCH resource USING INDEX resource_identity (type=? AND id=?)"]


@pytest.mark.parametrize("after", [None, plan.Found(3, "x", 3)])
@pytest.mark.parametrize("query", ["patient=Patient/in1", "code=718-7", "code=http://loinc.org|718-7"])
def test_one_value_is_walked_in_the_order_of_the_index(
    store: Store, query: str, after: plan.Found | None
) -> None:
    lines = explained(store, query, after=after)
    assert lines[0].startswith("SEARCH v USING COVERING INDEX value_code (param=? AND code=?")
    assert lines[1] == "SEARCH r USING INTEGER PRIMARY KEY (rowid=?)"
    assert not any("TEMP B-TREE" in line for line in lines)


def test_a_few_candidates_are_gathered(store: Store) -> None:
    lines = explained(store, "patient=Patient/in1&code=718-7&_sort=-date")
    assert any("json_each" in line for line in lines)
    assert not any(line.startswith("SCAN r") for line in lines)


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("", "resource_walk (type=? AND deleted=?"),
        ("_sort=_id", "resource_identity (type=?"),
        ("_sort=-_lastUpdated", "resource_updated (type=?"),
        ("_sort=date", "value_low (param=?"),
        ("_sort=-date&code=718-7&date=ge2026", "value_low (param=?"),
        ("_sort=code&status=final", "value_code (param=?"),
    ],
)
@pytest.mark.parametrize("view", [EVERYTHING, COHORT])
def test_many_candidates_are_walked_without_sorting(
    store: Store, monkeypatch: pytest.MonkeyPatch, query: str, index: str, view: View
) -> None:
    monkeypatch.setattr(plan, "FEW", 0)
    lines = explained(store, query, view)
    assert index in lines[0]
    assert not any("TEMP B-TREE" in line or line.startswith("SCAN") for line in lines)


@pytest.mark.parametrize(
    "query", ["code=718-7", "date=ge2026", "value-quantity=gt5", "patient.name=x", "performer:missing=true"]
)
def test_a_criterion_is_tested_by_primary_key(
    store: Store, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    monkeypatch.setattr(plan, "FEW", 0)
    lines = explained(store, f"{query}&_sort=_id", COHORT)
    assert "SEARCH v USING PRIMARY KEY (k=? AND param=?)" in lines
    assert "SEARCH c USING PRIMARY KEY (k=?)" in lines
    assert any(line.startswith("SEARCH g USING PRIMARY KEY (cohort=? AND patient=?") for line in lines)


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("date=ge2026", "value_high (param=? AND high>?"),
        ("date=lt2026", "value_low (param=? AND low<?"),
        ("date=2026-03", "value_low (param=? AND low>? AND low<?"),
        ("value-quantity=gt5", "value_high (param=? AND high>?"),
        ("code=718-7", "value_code (param=? AND code=?"),
        ("value-string=abc", "value_code (param=? AND code>? AND code<?"),
        ("patient.identifier=x", "value_code (param=? AND code=?"),
    ],
)
def test_candidates_are_found_by_a_range_of_an_index(store: Store, query: str, index: str) -> None:
    scope = Scope(store, EVERYTHING, "http://hospital.test/fhir", store.now())
    name, _, value = query.partition("=")
    keys = read(scope, "Observation", [Parameter(name, value)], strict=True).query.criteria[0].keys
    assert keys is not None
    lines = [row[3] for row in store.rows(f"explain query plan {keys.text}", keys.args)]
    assert index in lines[0]


def many(seed: int) -> Iterator[dict[str, Any]]:
    chance = random.Random(seed)  # noqa: S311 - data, not secrets
    people = [f"p{n}" for n in range(40)]
    for id_ in people:
        yield patient(id_, chance.choice(["Aa", "Bb", "Cc"]), gender=chance.choice(["male", "female"]))
    for n in range(400):
        dated = {"effectiveDateTime": f"2026-0{chance.randint(1, 9)}-{chance.randint(10, 28)}"}
        yield observation(
            f"o{n}",
            chance.choice(people),
            chance.choice(["c1", "c1", "c2", "c3"]),
            valueQuantity=quantity(chance.randint(1, 20)),
            **(dated if chance.random() < 0.9 else {}),
        )
    yield group("oncology", *(member(id_) for id_ in people[:15]))


def test_both_plans_give_the_same_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = EmbeddedBackend(tmp_path / "many.db", page_key=b"p" * 32)
    backend.load(many(7))
    chance = random.Random(11)  # noqa: S311 - queries, not secrets
    parts = [
        "code=c1",
        "code=c2,c3",
        "code:not=c1",
        "date=ge2026-05",
        "date=lt2026-03-15",
        "value-quantity=gt10",
    ]
    parts += ["patient=Patient/p3", "patient.family=aa", "patient:Patient.gender=male", "date:missing=false"]
    for _ in range(40):
        query = "&".join(chance.sample(parts, chance.randint(0, 3)))
        order = chance.choice(
            ["", "&_sort=date", "&_sort=-date", "&_sort=code", "&_sort=-_id", "&_sort=-_lastUpdated"]
        )
        asked = Hospital(backend, chance.choice([EVERYTHING, COHORT]))
        url = f"/Observation?{query}{order}&_count={chance.choice([40, 150])}&_total=accurate".replace(
            "?&", "?"
        )
        got = []
        for few in (0, 60, 10_000):
            monkeypatch.setattr(plan, "FEW", few)
            pages = asked.pages(url)
            ids = [i for page in pages for i in page.ids()]
            assert len(ids) == len(set(ids)) == pages[0].json["total"], url
            got.append(ids)
        assert got[0] == got[1] == got[2], url
    backend.close()
