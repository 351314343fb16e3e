"""An answer that is not FHIR is found and named however rare it is, and a right server is never accused."""

from dataclasses import replace

import pytest
from load_zoo import served, unsound
from test_load_zoo import ORDINARY, evenly, plan

from lab.load.arrival import Arrival
from lab.load.judge import recheck
from lab.load.routes import BUNDLE
from lab.load.runner import run

RARE = Arrival("chart", "chart", "anyone", BUNDLE)
NEVER = 10**9


def played(animal, arrivals, duration_s, folder, **changes):
    with served(animal) as url:
        made = replace(plan(url, arrivals, duration_s, ("invalid == 0",)), **changes)
        result = run(made, folder)
    assert recheck(folder) == result
    return result


def told(result):
    return [(one.route, one.where, one.rule, one.answers) for one in result.answers.wrong]


def test_one_wrong_answer_in_ten_thousand_is_found_and_named(tmp_path):
    result = played(unsound(10_000), evenly(10_500, 6.0, ORDINARY), 6.0, tmp_path)
    assert (result.errors, result.answers.judged, result.answers.distinct) == (0, 10_500, 10_500)
    assert told(result) == [("poll", "Patient.birthDate", "format", 1)]
    assert (result.thresholds[0].value, result.thresholds[0].met) == (1, False)
    assert "le 3 mars" not in (tmp_path / "answers.jsonl").read_text()
    assert "le 3 mars" in (tmp_path / "wrong-answers" / "poll-1.json").read_text()


@pytest.mark.parametrize("engine", ["lean", "fast"])
@pytest.mark.parametrize("workers", [1, 2])
def test_a_wrong_answer_of_a_rare_kind_of_request_is_found_by_both_engines(tmp_path, engine, workers):
    ways = [ORDINARY] * 199 + [RARE]
    result = played(
        unsound(2, asked="chart"), evenly(800, 3.0, *ways), 3.0, tmp_path, engine=engine, workers=workers
    )
    assert (result.requests, result.answers.judged) == (800, 800)
    assert told(result) == [("chart", "Patient.birthDate", "format", 2)]
    assert {row.name: (row.judged, row.invalid) for row in result.answers.routes} == {
        "poll": (796, 0),
        "chart": (4, 2),
    }
    assert not result.thresholds[0].met


@pytest.mark.parametrize("engine", ["lean", "fast"])
def test_a_right_server_is_not_accused(tmp_path, engine):
    result = played(unsound(NEVER), evenly(1_000, 3.0, ORDINARY, RARE), 3.0, tmp_path, engine=engine)
    answers = result.answers
    assert (answers.answers, answers.judged, answers.invalid, answers.wrong) == (1_000, 1_000, 0, ())
    assert answers.deep == 200
    assert result.thresholds[0].met
    assert not list(tmp_path.glob("*.answers"))
