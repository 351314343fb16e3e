"""R5 by its own examples: stored as they are, read back the same, and found by each of their elements.

``LAB_R5_EXAMPLES=hl7.fhir.r5.examples-5.0.0.tgz pytest tests/fhirserver/test_r5_examples.py`` runs on all.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from r5_examples import REFUSED, given, name, questions
from server_hospital import Hospital

from lab.fhirserver.backend import EmbeddedBackend
from lab.fhirserver.storage.catalogue import parameters, served_types
from lab.proof.reference.search import evaluator
from lab.proof.reference.search.values import RefusedError

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
MOST = 4
"""Questions asked of each parameter of each type."""

Json = dict[str, Any]


@pytest.fixture(scope="module")
def examples() -> list[Json]:
    return given()


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory, examples: list[Json]) -> Iterator[Hospital]:
    folder = tmp_path_factory.mktemp("r5")
    backend = EmbeddedBackend(folder / "r5.db", page_key=b"p" * 32, clock=lambda: NOW, release="R5")
    hospital = Hospital(backend)
    for one in examples:
        hospital.ask("PUT", f"/{name(one)}", one)
    yield hospital
    backend.close()


def test_the_examples_are_of_every_type(examples: list[Json]) -> None:
    assert {one["resourceType"] for one in examples} == set(served_types("R5"))


def test_each_is_read_back_as_it_was_sent_or_was_refused_for_what_is_wrong(
    stored: Hospital, examples: list[Json]
) -> None:
    for one in examples:
        answer = stored.get(f"/{name(one)}")
        if name(one) in REFUSED:
            assert answer.status == 404
            assert REFUSED[name(one)] in stored.ask("PUT", f"/{name(one)}", one).diagnostics
            continue
        assert answer.status == 200, (name(one), stored.ask("PUT", f"/{name(one)}", one).diagnostics)
        served = answer.json
        others = {k: v for k, v in served["meta"].items() if k not in {"versionId", "lastUpdated"}}
        sent = {k: v for k, v in one.get("meta", {}).items() if k not in {"versionId", "lastUpdated"}}
        assert others == sent
        assert {**served, "meta": {}} == {**one, "meta": {}}


def test_each_is_found_by_each_of_its_parameters(stored: Hospital, examples: list[Json]) -> None:
    asked = 0
    for type_ in served_types("R5"):
        there = [stored.get(f"/{name(one)}").json for one in examples if one["resourceType"] == type_]
        there = [one for one in there if one["resourceType"] == type_]
        naive = evaluator.Hospital(there, int(NOW.timestamp() * 1000), "R5")
        for code, known in parameters(type_, "R5").items():
            values = [value for one in there for value in questions(one, known.definition)]
            for value in list(dict.fromkeys(values))[:MOST]:
                url = f"/{type_}?{code}={quote(value)}&_count=1000"
                try:
                    wanted = sorted(naive.search(type_, [(code, value)]))
                except RefusedError:
                    assert stored.get(url, prefer="handling=strict").status == 400, url
                    continue
                answer = stored.get(url, prefer="handling=strict")
                assert answer.status == 200, (url, answer.body)
                assert sorted(answer.ids()) == wanted, url
                asked += bool(wanted)
    assert asked > 1000
