"""Validity before everything, and figures that agree with what was recorded."""

from dataclasses import replace

import pytest
from load_hospital import Hospital

from lab.load.catalogue import profiles
from lab.load.judge import judge
from lab.load.plan import build
from lab.load.record import Key, Recording
from lab.model.answers import Answers, RouteAnswers

TARGET = Hospital(base_url="http://127.0.0.1:1").target()
PLAN = build(profiles()["P02"], TARGET, duration_s=10.0, scale=1.0, seed=3)


ANSWERS = Answers(180, 180, 3, 3, 0, (RouteAnswers("poll", 180, 180, 3, 3, 0),), (), ())


def recording(*, latency_s=0.010, lag_s=0.001, **changes):
    """Record every arrival of the plan as served in ``latency_s``, having left ``lag_s`` late."""
    whole = Recording(sent=len(PLAN.arrivals), last_sent=max(one.at for one in PLAN.arrivals), complete=True)
    for arrival in PLAN.arrivals:
        outcome = "refusal" if arrival.expect.refusal else "ok"
        key = Key(int(arrival.at), arrival.route, arrival.expect.statuses[0], outcome, "")
        whole.cells[key].intended.add(lag_s + latency_s)
        whole.cells[key].service.add(latency_s)
        whole.lag.add(lag_s)
    return replace(whole, **changes)


def test_a_fast_server_meets_everything():
    result = judge(PLAN, recording(), answers=ANSWERS)
    assert result.valid
    assert result.invalid_reason is None
    assert all(threshold.met for threshold in result.thresholds)
    assert (result.requests, result.errors, result.leaks, result.dropped) == (180, 0, 0, 0)
    assert result.target_rate == result.achieved_rate == 18.0


def test_the_series_covers_every_second_and_every_request():
    result = judge(PLAN, recording())
    assert [second.t for second in result.series] == list(range(10))
    assert sum(second.target for second in result.series) == 180
    assert sum(second.achieved for second in result.series) == result.requests
    assert sum(second.refusals for second in result.series) == result.refusals > 0
    assert sum(count for second in result.series for _, count in second.heat) == result.requests
    assert sum(route.count for route in result.routes) == result.requests


def test_latency_counts_from_the_intended_time_and_service_stands_beside_it():
    result = judge(PLAN, recording(latency_s=0.020, lag_s=0.050))
    assert [t.value for t in result.thresholds[:3]] == pytest.approx([70, 70, 70], rel=0.005)
    assert [r.p95 for r in result.routes] == pytest.approx([70] * len(result.routes), rel=0.005)
    assert [r.service_p95 for r in result.routes] == pytest.approx([20] * len(result.routes), rel=0.005)
    assert [s.service_p95 for s in result.series] == pytest.approx([20] * len(result.series), rel=0.005)


def test_a_slow_server_is_valid_and_not_conform():
    result = judge(PLAN, recording(latency_s=2.0), answers=ANSWERS)
    assert result.valid
    assert [threshold.met for threshold in result.thresholds] == [False, False, False, True, True, True]


def test_answers_that_nobody_judged_meet_nothing():
    result = judge(PLAN, recording())
    assert [one.expression for one in result.thresholds if not one.met] == ["invalid == 0"]
    assert result.answers is None


@pytest.mark.parametrize(
    ("changes", "english", "french"),
    [
        ({"dropped": 3}, "3 requests could not leave", "3 requêtes n'ont pas pu partir"),
        ({"sent": 170}, "94.4 % of the target", "94,4 % du débit visé"),
        ({"last_sent": 11.0}, "Rate achieved: 90.9 %", "Débit atteint : 90,9 %"),
        ({"lag_s": 0.2}, "late at the 99th percentile", "en retard de"),
        ({"complete": False, "sent": 90}, "90 requests sent out of 180", "90 requêtes émises sur 180"),
    ],
)
def test_a_generator_that_did_not_keep_its_plan_makes_the_run_invalid(changes, english, french):
    result = judge(PLAN, recording(**changes))
    assert not result.valid
    assert english in result.invalid_reason.en
    assert french in result.invalid_reason.fr


def test_a_plan_without_arrivals_shows_nothing():
    result = judge(replace(PLAN, arrivals=()), Recording(complete=True))
    assert not result.valid
    assert not any(threshold.met for threshold in result.thresholds)
