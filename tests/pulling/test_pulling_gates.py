"""The grammar of thresholds of a pull; what was not measured is never met."""

import pytest

from lab.load.error import LoadError
from lab.model.pulling import Aftermath, Slope
from lab.pulling.gates import LOST_S, Seen, check, judge


def seen(**facts):
    """Return what a good run showed, with other facts."""
    ratios = {"duplicates": 3.0, "rereads": 0.0, "requests_per_event": 2.0, "bytes_per_event": 900.0}
    counts = {"loss": 0, "early_retries": 0, "hot_loops": 0, "surplus_tokens": 0}
    usual = {
        "interval_s": 2.0,
        "rate": 5.0,
        "events": 100,
        "delivered": 100,
        "ages": tuple(n / 50 for n in range(100)),
        "ageing": Slope(0.0, -0.02, 0.02, 20),
        "slope": Slope(0.0, -0.1, 0.1, 20),
        "faults": (),
        "ratios": ratios,
        "counts": counts,
    }
    return Seen(**{**usual, **facts})


def fault(recovery):
    return Aftermath("unavailable", 1.0, 2.0, recovery, 0, 3, hot=False, lockstep=False, early=0, at_risk=5)


@pytest.mark.parametrize(
    "expression",
    [
        "staleness: p95 < interval + 5s",
        "staleness: mean <= 0.5 interval + 100ms",
        "staleness: max < 2 interval",
        "recovery: max < interval + 60s",
        "coverage == 100%",
        "coverage >= 99.5%",
        "duplicates < 20",
        "lag_slope <= 0",
        "bytes_per_event < 1000",
        "loss == 0",
    ],
)
def test_it_is_read(expression):
    check(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "staleness: p95 < interval + 5",
        "staleness < 5s",
        "staleness: p95 < 5 apples",
        "recovery: p95 < 5s",
        "coverage == all",
        "speed < 3",
        "loss: p95 == 0",
        "loss = 0",
        "",
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence(expression):
    with pytest.raises(LoadError, match="Cannot read the threshold"):
        check(expression)


@pytest.mark.parametrize(
    ("expression", "facts", "met"),
    [
        ("staleness: p95 < interval + 5s", {}, True),
        ("staleness: p95 < 0.5 interval", {}, False),
        ("staleness: max < 2s", {}, True),
        ("staleness: mean < 500ms", {}, False),
        ("staleness: p95 < interval + 5s", {"ages": (1.0,) * 90 + (LOST_S,) * 10}, False),
        ("coverage == 100%", {}, True),
        ("coverage == 100%", {"delivered": 99}, False),
        ("lag_slope <= 0", {}, True),
        ("lag_slope <= 0", {"slope": Slope(0.5, 0.2, 0.8, 20)}, False),
        ("lag_slope <= 0", {"slope": Slope(0.06, 0.02, 0.1, 20)}, True),
        ("age_slope <= 0", {}, True),
        ("age_slope <= 0", {"ageing": Slope(0.1, 0.05, 0.2, 9)}, False),
        ("duplicates < 3", {}, False),
        ("loss == 0", {"faults": (fault(1.0),)}, True),
        ("loss == 0", {"faults": (fault(1.0),), "counts": {"loss": 1}}, False),
        ("recovery: max < 10s", {"faults": (fault(1.0), fault(9.0))}, True),
        ("recovery: max < 10s", {"faults": (fault(1.0), fault(11.0))}, False),
    ],
)
def test_it_is_judged(expression, facts, met):
    assert judge(expression, seen(**facts)).met is met


@pytest.mark.parametrize(
    ("expression", "facts"),
    [
        ("staleness: p95 < 100s", {"ages": ()}),
        ("coverage >= 0%", {"events": 0, "delivered": 0}),
        ("lag_slope <= 0", {"slope": None}),
        ("age_slope <= 0", {"ageing": None}),
        ("rereads < 1", {"ratios": {"rereads": None}}),
        ("loss == 0", {}),
        ("recovery: max < 1000s", {"faults": ()}),
        ("recovery: max < 1000s", {"faults": (fault(1.0), fault(None))}),
    ],
)
def test_without_a_measure_it_is_not_met(expression, facts):
    threshold = judge(expression, seen(**facts))
    assert not threshold.met
    assert threshold.value is None
