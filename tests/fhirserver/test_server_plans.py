"""Searches read an index, not the hospital; both plans give the same page."""

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from planned import planned, search
from server_hospital import (
    COHORT,
    ONCOLOGY,
    Hospital,
    StoreAt,
    group,
    member,
    observation,
    patient,
    quantity,
)

from lab.fhir.cohort import WHOLE
from lab.fhir.element_path import parse_path
from lab.fhir.request import Parameter
from lab.fhir.view import EVERYTHING, View
from lab.fhirserver.backend import EmbeddedBackend
from lab.fhirserver.search import plan
from lab.fhirserver.search.query import Found
from lab.fhirserver.search.sorting import CREATION, natural
from lab.fhirserver.storage.hot import HOT
from lab.fhirserver.storage.store import Store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with planned(tmp_path_factory.mktemp("plans")) as store:
        yield store


def explained(store: Store, query: str, view: View = EVERYTHING, after: Found | None = None) -> list[str]:
    """Return the plan of each statement of a search."""
    lines = []
    for statement in plan.statements(store, search(store, query, view).query, after):
        lines += [row[3] for row in store.rows(f"explain query plan {statement.text}", statement.args)]
    return lines


def is_read_in_order(lines: list[str]) -> bool:
    return not any("TEMP B-TREE" in line or line.startswith("SCAN") for line in lines)


def test_a_read_is_one_probe(store: Store) -> None:
    rows = store.rows("explain query plan select body from resource where type = ? and id = ?", (1, "in1"))
    assert [row[3] for row in rows] == ["SEARCH resource USING INDEX resource_identity (type=? AND id=?)"]


@pytest.mark.parametrize("after", [None, Found(3, "x", (3,))])
@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("Condition?patient=Patient/in1", "value_target (param=? AND target=?"),
        ("Condition?code=I10", "value_code (param=? AND code=?"),
        ("Condition?code=http://hl7.org/fhir/sid/icd-10|I10", "value_code (param=? AND code=?"),
    ],
)
def test_one_generic_value_is_walked_in_the_order_of_the_index(
    store: Store, query: str, index: str, after: Found | None
) -> None:
    lines = explained(store, query, after=after)
    assert lines[0].startswith("SEARCH v USING")
    assert index in lines[0]
    assert lines[1] == "SEARCH r USING INTEGER PRIMARY KEY (rowid=?)"
    assert is_read_in_order(lines)


@pytest.mark.parametrize("after", [None, Found(3, "x", (1_700_000_000_000,))])
@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("Observation?patient=in1", "hot_observation_reference1_low (reference1=?"),
        ("Observation?patient=in1&_sort=date", "hot_observation_reference1_low (reference1=?"),
        ("Observation?subject:Patient=in1", "hot_observation_reference1_low (reference1=?"),
        (
            "Observation?patient=in1&code=718-7",
            "hot_observation_reference1_token3_low (reference1=? AND token3=?",
        ),
        (
            "Observation?patient=in1&code=718-7&date=ge2026&date=lt2027",
            "hot_observation_reference1_token3_low (reference1=? AND token3=?",
        ),
        ("Observation?code=718-7", "hot_observation_token3_low (token3=?"),
        ("Observation?code=718-7&date=lt2027", "hot_observation_token3_low (token3=? AND low>? AND low<?)"),
        ("Observation?date=lt2027", "hot_observation_low (low>? AND low<?)"),
    ],
)
def test_slots_are_followed_in_the_order_of_dates(
    store: Store, query: str, index: str, after: Found | None
) -> None:
    lines = explained(store, query, after=after)
    assert index in lines[0]
    assert is_read_in_order(lines)


@pytest.mark.parametrize("modifier", [None, "Patient", "Group", "Device"])
def test_the_natural_order_depends_on_the_form_of_a_search(store: Store, modifier: str | None) -> None:
    asked = [Parameter("subject", "whoever", modifier)]
    assert natural(store, EVERYTHING, "Observation", asked).slot == "low"
    assert natural(store, EVERYTHING, "Observation", [Parameter("subject", "true", "missing")]) == CREATION


def test_a_reference_is_followed_in_the_order_of_creation(store: Store) -> None:
    lines = explained(store, "Encounter?patient=in1", after=Found(3, "x", (3,)))
    assert "hot_encounter_reference1 (reference1=? AND rowid>?)" in lines[0]
    assert is_read_in_order(lines)


def test_a_few_candidates_are_gathered(store: Store) -> None:
    lines = explained(store, "Observation?patient=in1&value-quantity=gt1&_sort=value-quantity")
    assert any("json_each" in line for line in lines)
    assert not any(line.startswith("SCAN r") for line in lines)


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("Condition", "resource_walk (type=? AND deleted=?"),
        ("Observation", "resource_walk (type=? AND deleted=?"),
        ("Observation?_sort=_id", "resource_identity (type=?"),
        ("Observation?_sort=-_lastUpdated", "resource_updated (type=?"),
        ("Observation?_sort=date", "hot_observation_low (low>?"),
        ("Observation?_sort=-date&status=final", "hot_observation_low (low>?"),
        ("Observation?value-quantity=gt1&_sort=date", "hot_observation_low (low>?"),
        ("Condition?_sort=recorded-date", "value_low (param=?"),
        ("Condition?_sort=code&recorded-date=ge2026", "value_code (param=?"),
    ],
)
@pytest.mark.parametrize("view", [EVERYTHING, COHORT])
def test_many_candidates_are_walked_without_sorting(
    store: Store, monkeypatch: pytest.MonkeyPatch, query: str, index: str, view: View
) -> None:
    monkeypatch.setattr(plan, "FEW", 0)
    seen = View({**COHORT.cohorts, "Condition": ONCOLOGY}, binding="c") if view is COHORT else view
    lines = explained(store, query, seen)
    assert index in lines[0]
    assert is_read_in_order(lines)


@pytest.mark.parametrize(
    "query",
    [
        "Condition?code=I10",
        "Condition?recorded-date=ge2026",
        "Condition?patient.name=x",
        "Condition?asserter:missing=true",
    ],
)
def test_a_generic_criterion_is_tested_by_primary_key(
    store: Store, monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    monkeypatch.setattr(plan, "FEW", 0)
    seen = View({**COHORT.cohorts, "Condition": ONCOLOGY}, binding="c")
    lines = explained(store, f"{query}&_sort=_id", seen)
    assert "SEARCH v USING PRIMARY KEY (k=? AND param=?)" in lines
    assert any(line.startswith("SEARCH g USING PRIMARY KEY (pool=?") for line in lines)


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("Condition?recorded-date=ge2026", "value_high (param=? AND high>?"),
        ("Condition?recorded-date=lt2026", "value_low (param=? AND low<?"),
        ("Condition?recorded-date=2026-03", "value_low (param=? AND low>? AND low<?"),
        ("Condition?code=I10", "value_code (param=? AND code=?"),
        ("Patient?family=abc", "value_code (param=? AND code>? AND code<?"),
        ("Observation?value-string=abc", "value_code (param=? AND code>? AND code<?"),
        ("Observation?code=718-7", "hot_observation_token3_low (token3=?)"),
        ("Observation?date=2026-03", "hot_observation_low (low>? AND low<?)"),
        ("Observation?encounter=stay-in1", "hot_observation_reference2 (reference2=?)"),
    ],
)
def test_candidates_are_found_by_a_range_of_an_index(store: Store, query: str, index: str) -> None:
    keys = search(store, query).query.criteria[0].keys
    assert keys is not None
    lines = [row[3] for row in store.rows(f"explain query plan {keys.text}", keys.args)]
    assert index in lines[0]


@pytest.mark.parametrize(
    ("type_", "index"),
    [("Observation", "hot_observation_reference1"), ("Condition", "value_target (param=? AND target=?")],
)
def test_a_chain_is_followed_from_its_end(store: Store, type_: str, index: str) -> None:
    keys = search(store, f"{type_}?patient.identifier=x").query.criteria[0].keys
    assert keys is not None
    lines = [row[3] for row in store.rows(f"explain query plan {keys.text}", keys.args)]
    assert index in lines[-1]
    assert any("value_code (param=? AND code=?" in line for line in lines)
    assert not any(line.startswith(("SCAN r", "SCAN v")) for line in lines)


def test_every_reference_in_a_slot_has_an_index() -> None:
    """Otherwise leading references to a resource that comes late would read the whole hospital."""
    for type_, hot in HOT.items():
        leading = {columns[0] for columns in hot.indexes}
        assert {slot for slot in hot.slots.values() if slot.startswith("reference")} <= leading, type_


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


def test_both_plans_give_the_same_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store_at: StoreAt
) -> None:
    backend = EmbeddedBackend(store_at(tmp_path / "many.db"), page_key=b"p" * 32)
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
    undated = View(
        dict.fromkeys(("Observation", "Patient", "Group"), WHOLE),
        binding="u",
        masks=(parse_path("Observation.effective"),),
    )
    parts += ["patient=Patient/p3", "patient.family=aa", "patient:Patient.gender=male", "date:missing=false"]
    for _ in range(60):
        query = "&".join(chance.sample(parts, chance.randint(0, 3)))
        order = chance.choice(
            ["", "&_sort=date", "&_sort=-date", "&_sort=code", "&_sort=-_id", "&_sort=-_lastUpdated"]
        )
        asked = Hospital(backend, chance.choice([EVERYTHING, COHORT, undated]))
        url = f"/Observation?{query}{order}&_count={chance.choice([40, 150])}&_total=accurate".replace(
            "?&", "?"
        )
        got = []
        for few in (0, 60, 10_000):
            monkeypatch.setattr(plan, "FEW", few)
            monkeypatch.setattr(plan, "_MOST_REFERRING", few)
            monkeypatch.setattr(plan, "_PAGE", few and 4)
            pages = asked.pages(url)
            ids = [i for page in pages for i in page.ids()]
            assert len(ids) == len(set(ids)) == pages[0].json["total"], url
            got.append(ids)
        assert got[0] == got[1] == got[2], url
    backend.close()
