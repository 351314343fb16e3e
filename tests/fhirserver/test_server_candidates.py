"""What may meet a search is told by indexes alone where they can: rows are read for a page, not to choose."""

from collections.abc import Iterator
from typing import Any

import pytest
from planned import planned, search
from server_hospital import COHORT

from lab.fhir.cohort import Cohort
from lab.fhir.view import View
from lab.fhirserver.search import plan
from lab.fhirserver.search.sorting import CREATION
from lab.fhirserver.storage.store import Store
from lab.fhirserver.visibility import seen


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with planned(tmp_path_factory.mktemp("candidates")) as store:
        yield store


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The queries that the store is asked, in order."""
    texts: list[str] = []
    rows = Store.rows

    def noted(self: Store, sql: str, args: Any = ()) -> list[tuple[Any, ...]]:
        texts.append(sql)
        return rows(self, sql, args)

    monkeypatch.setattr(Store, "rows", noted)
    return texts


def test_a_cohort_of_few_is_known_by_its_members_alone(store: Store, asked: list[str]) -> None:
    nobody = View({"Observation": Cohort(within=(frozenset({"Group/nobody"}),))}, binding="n")
    query = search(store, "Observation?code=718-7&date=ge2020", nobody).query
    del asked[:]
    assert plan.find(store, query, 20) == []
    assert len(asked) == 2
    assert "pool_member" in asked[0]
    assert "json_each" in asked[1]  # no candidate, tested


def test_what_an_index_outlines_is_not_read_to_learn_that_it_is_much(
    store: Store, monkeypatch: pytest.MonkeyPatch, asked: list[str]
) -> None:
    monkeypatch.setattr(plan, "FEW", 1)
    query = search(store, "Observation?code=718-7&date=ge2020", COHORT).query
    del asked[:]
    plan.find(store, query, 20)
    members, outline, page = asked
    assert "pool_member" in members
    assert "hot_observation_token3_low" in page
    read = outline.partition(" where r.type = 96 and ")[2]  # which the index is made of: it is not read
    assert [read.count(column) for column in ("r.token3 ", "r.low ", "r.")] == [1, 1, 2]


def test_in_order_of_creation_no_more_candidates_are_read_than_a_page_needs(
    store: Store, monkeypatch: pytest.MonkeyPatch, asked: list[str]
) -> None:
    monkeypatch.setattr(plan, "_PAGE", 2)
    query = search(store, "Condition?patient=in1&code=I10").query
    assert query.sort == CREATION
    first = plan.find(store, query, 2)
    gathered = [text for text in asked if "json_each" in text]
    assert len(gathered) == 1
    assert [found.id for found in (*first, *plan.find(store, query, 2, first[-1]))] == ["c0", "c1", "c2"]
    assert [found.id for found in plan.find(store, query, 9)] == ["c0", "c1", "c2"]
    assert len([text for text in asked if "json_each" in text]) == 4  # three of two pages, then one more


def test_one_resource_is_looked_up_without_listing_the_members(store: Store, asked: list[str]) -> None:
    assert seen(store, COHORT, "Patient", "in1") is not None
    assert seen(store, COHORT, "Patient", "out1") is None
    text = next(text for text in asked if "pool_member" in text)
    lines = [row[3] for row in store.rows(f"explain query plan {text}", [1] * text.count("?"))]
    assert not [line for line in lines if line.startswith("LIST SUBQUERY")]
    assert [line for line in lines if line.startswith("SEARCH g") and "member=?" in line]
