"""Each animal gets its verdict, and a sound one does not: the load laboratory is itself on trial."""

import pytest
from load_zoo import asking_for_patience, leaking, served, stalling

from lab.load.arrival import Arrival, Expect
from lab.load.people import Opening
from lab.load.plan import LoadPlan
from lab.load.routes import BUNDLE
from lab.load.runner import run
from lab.load.target import Persona
from lab.model.text import Text

DENIED = Expect((403,), refusal=True)
ORDINARY = Arrival("poll", "ordinary", "anyone", BUNDLE)
FORBIDDEN = Arrival("refused-cohort", "forbidden", "anyone", DENIED)
ATTEMPTS = 3
"""A machine that does something else for a second spoils a latency, never a count."""


def plan(base_url, arrivals, duration_s, thresholds, sessions=()):
    return LoadPlan(
        profile="zoo",
        title=Text(fr="ménagerie", en="zoo"),
        base_url=base_url,
        token_url=None,
        duration_s=duration_s,
        rate=len(arrivals) / duration_s,
        scale=1.0,
        seed=1,
        thresholds=thresholds,
        personas=(Persona("anyone"),),
        arrivals=tuple(arrivals),
        slots=2_000,
        sessions=sessions,
    )


def evenly(count, duration_s, *ways):
    """Arrivals at equal distances, of each way in turn."""
    return [
        Arrival(way.route, way.path, way.persona, way.expect, at=number * duration_s / count)
        for number in range(count)
        for way in (ways[number % len(ways)],)
    ]


def stalled(base_url, folder):
    """100 requests a second for 6 s: the exact p95 of a stall from 1 s to 4 s is that of the 30 latest."""
    return run(plan(base_url, evenly(600, 6.0, ORDINARY), 6.0, ("all: p95 < 1s",)), folder)


def test_a_stall_of_three_seconds_shows_in_the_p95_where_arithmetic_says(tmp_path):
    exact = 3000 - 30 / 600 * 6000
    for attempt in range(ATTEMPTS):
        with served(stalling(1.0, 3.0)) as url:
            result = stalled(url, tmp_path / str(attempt))
        (route,) = result.routes
        if result.valid and abs(route.p95 / exact - 1) < 0.02:
            break
    assert result.valid, result.invalid_reason
    assert route.p95 == pytest.approx(exact, rel=0.02)
    assert not result.thresholds[0].met


def test_people_who_wait_do_not_see_the_stall_which_is_why_machines_are_open(tmp_path):
    """The same stall, asked by 20 people who wait for their answers: their p95 says nothing of it."""
    pauses = tuple(Opening(0.1, (Arrival("chart", "ordinary", "anyone", BUNDLE),)) for _ in range(100))
    people = tuple((Opening(0.005 * number, pauses[0].requests), *pauses) for number in range(20))
    for attempt in range(ATTEMPTS):
        with served(stalling(1.0, 3.0)) as url:
            result = run(plan(url, [], 6.0, ("all: p95 < 1s",), people), tmp_path / str(attempt))
        if result.valid:
            break
    closed = next(route for route in result.routes if route.name == "chart")
    assert closed.p95 < 500
    assert closed.count < 0.8 * 20 * 6.0 / 0.1  # and it asked for less, without a word
    assert result.thresholds[0].met


def test_a_leak_of_one_in_ten_thousand_is_found_when_enough_is_asked(tmp_path):
    with served(leaking(10_000)) as url:
        made = plan(url, evenly(15_000, 7.0, FORBIDDEN), 7.0, ("leaks == 0",))
        result = run(made, tmp_path)
    assert result.leaks == 1
    assert result.aborted is not None
    assert not result.thresholds[0].met
    assert recorded_probes(result) >= 10_000


def test_fewer_questions_find_nothing_and_the_bound_says_so(tmp_path):
    with served(leaking(10_000)) as url:
        result = run(plan(url, evenly(600, 2.0, FORBIDDEN), 2.0, ("leaks == 0",)), tmp_path)
    assert (result.leaks, result.refusals) == (0, 600)
    assert result.leak_bound == pytest.approx(3 / 600, rel=0.01)
    assert result.leak_bound > 1 / 10_000


def test_a_server_that_asks_for_patience_did_not_serve_and_did_not_refuse(tmp_path):
    limits = ("errors == 0", "leaks == 0")
    for one_in, errors in ((10, 30), (10_000, 0)):
        with served(asking_for_patience(one_in)) as url:
            made = plan(url, evenly(300, 2.0, ORDINARY, ORDINARY, FORBIDDEN), 2.0, limits)
            result = run(made, tmp_path / str(one_in))
        assert result.errors == errors
        assert result.refusals == 100 - errors // 3
        assert [one.met for one in result.thresholds] == [errors == 0, True]


def recorded_probes(result):
    return result.leaks + result.refusals
