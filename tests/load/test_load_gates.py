"""The grammar of thresholds, and what is measured for each."""

import math
from random import Random

import pytest

from lab.load.error import LoadError
from lab.load.gates import parse
from lab.load.record import Cell, Key


def cells(*groups):
    """Build cells from (route, outcome, milliseconds, count)."""
    built = {}
    for i, (route, outcome, milliseconds, count) in enumerate(groups):
        cell = built[Key(i, route, 200, outcome, "")] = Cell()
        for _ in range(count):
            cell.intended.add(milliseconds / 1000)
    return built


MEASURED = cells(
    ("poll", "ok", 20, 90), ("poll", "ok", 200, 10), ("read", "ok", 50, 99), ("read", "error", 5, 1)
)


@pytest.mark.parametrize(
    ("expression", "value", "met", "samples"),
    [
        ("poll: p50 < 100ms", 20, True, 100),
        ("poll: p95 < 100ms", 200, False, 100),
        ("poll: p95 < 0.3s", 0.2, True, 100),
        ("all: p99.9<=210 ms", 200, True, 200),
        ("all: error_rate < 0.1%", 0.5, False, 200),
        ("read: error_rate < 0.02", 0.01, True, 100),
        ("errors <= 1", 1, True, 200),
        ("requests >= 200", 200, True, 200),
        ("read: p95 > 1ms", 50, True, 100),
    ],
)
def test_a_threshold_is_judged_in_its_own_unit(expression, value, met, samples):
    threshold = parse(expression).judge(MEASURED)
    assert threshold.value == pytest.approx(value, rel=0.005)
    assert (threshold.met, threshold.samples, threshold.expression) == (met, samples, expression)


@pytest.mark.parametrize(
    "expression", ["search: p95 < 400ms", "search: error_rate < 5%", "search: errors == 0", "leaks == 0"]
)
def test_without_a_sample_a_threshold_is_not_met(expression):
    threshold = parse(expression).judge(MEASURED)
    assert (threshold.value, threshold.met, threshold.samples) == (None, False, 0)


def test_a_route_that_answers_only_errors_has_no_latency():
    threshold = parse("poll: p95 < 100ms").judge(cells(("poll", "error", 1, 50)))
    assert (threshold.value, threshold.met) == (None, False)


def test_no_leak_is_shown_by_refusals_only():
    shown = parse("leaks == 0").judge(cells(("read", "ok", 1, 50), ("refused-cohort", "refusal", 1, 3)))
    assert (shown.value, shown.met, shown.samples) == (0, True, 3)
    broken = parse("leaks == 0").judge(
        cells(("refused-cohort", "refusal", 1, 3), ("refused-mask", "leak", 1, 1))
    )
    assert (broken.value, broken.met, broken.samples) == (1, False, 4)


@pytest.mark.parametrize(
    "expression",
    [
        "p95",
        "poll: p95 < ",
        "poll: p95 < 100",
        "poll: p95 ~ 1ms",
        "leaks == 0%",
        "mean < 1ms",
        "p100 < 1ms",
        "",
    ],
)
def test_an_unreadable_threshold_is_refused_with_an_example(expression):
    with pytest.raises(LoadError, match=r"expected 'route: aggregate operator value'"):
        parse(expression)


def test_too_few_samples_do_not_meet_it():
    enough, short = (parse(f"poll: p50 < 100ms min {least}").judge(MEASURED) for least in (100, 101))
    assert (enough.met, short.met) == (True, False)
    assert short.value == enough.value


def test_the_interval_of_a_percentile_holds_the_true_one():
    """Of many runs of 400 samples, about 95 % say an interval that holds the true p90."""
    chance = Random(7)  # noqa: S311 - a simulation
    true, held = 0.1 * -math.log(0.1) * 1000, 0
    for _ in range(300):
        cell = Cell()
        for _ in range(400):
            cell.intended.add(chance.expovariate(10))
        told = parse("poll: p90 < 1s").judge({Key(0, "poll", 200, "ok", ""): cell})
        held += told.low <= true / 1000 <= told.high
    assert 0.92 <= held / 300 <= 0.99


def test_few_samples_say_nothing_of_the_far_end():
    told = parse("poll: p95 < 100ms").judge(cells(("poll", "ok", 20, 10)))
    assert told.high is None
    assert told.low == pytest.approx(20, rel=0.01)


def test_the_interval_of_an_error_rate():
    told = parse("read: error_rate < 10%").judge(MEASURED)
    assert told.low == pytest.approx(0.18, abs=0.02)
    assert told.high == pytest.approx(5.45, abs=0.05)  # Wilson, 1 of 100


@pytest.mark.parametrize(
    ("expression", "aborts"),
    [
        ("leaks == 0", True),
        ("leaks <= 3", True),
        ("leaks >= 0", False),
        ("errors == 0", False),
        ("errors == 0 abort", True),
        ("all: p95 < 1s min 200 abort", True),
    ],
)
def test_a_limit_on_leaks_ends_the_run_and_others_when_they_say_so(expression, aborts):
    assert parse(expression).aborts is aborts


def test_what_is_only_reached_at_the_end_cannot_end_the_run():
    with pytest.raises(LoadError, match="'abort' after an upper limit only"):
        parse("requests >= 200 abort")


def test_a_threshold_is_missed_only_on_enough_samples():
    assert parse("poll: p95 < 100ms abort").is_missed(MEASURED)
    assert not parse("poll: p95 < 100ms min 101 abort").is_missed(MEASURED)
    assert not parse("search: p95 < 100ms abort").is_missed(MEASURED)  # nothing measured yet
    assert not parse("leaks == 0").is_missed(MEASURED)
