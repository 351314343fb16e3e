"""Plots tell the truth: one time axis, holes left open, percentiles never averaged, all in the frame."""

import itertools
import math
import re
from typing import Any

import pytest
from sample_load import sample_load

from reports.axis import linear_axis, log_axis, time_axis
from reports.bins import MOST, bins
from reports.plots import LEFT, RIGHT, WIDTH, plot


def _series(**columns: list[Any]) -> list[dict[str, Any]]:
    length = len(next(iter(columns.values())))
    blank = {
        "target": 1.0,
        "achieved": 1,
        "p50": 1.0,
        "p95": 1.0,
        "service_p95": 1.0,
        "errors": 0,
        "refusals": 0,
    }
    return [{"t": t, **blank, **{name: values[t] for name, values in columns.items()}} for t in range(length)]


def test_long_run_keeps_its_worst_second_and_the_mean_of_its_rates() -> None:
    series = _series(p95=[10.0] * 899 + [5000.0], achieved=[10, 20, 30] * 300)
    width, points = bins(series)
    assert width == 3
    assert len(points) == MOST
    assert points[-1].p95 == 5000.0
    assert {point.achieved for point in points} == {20.0}


def test_values_that_are_no_numbers_are_holes() -> None:
    _, points = bins(_series(p95=[None, float("nan"), 3.0]))
    assert [point.p95 for point in points] == [None, None, 3.0]


def test_no_second_gives_no_plot() -> None:
    assert plot([]) is None


def test_hole_breaks_the_line() -> None:
    drawn = plot(_series(p50=[1.0, 2.0, None, None, 3.0, 4.0]))
    assert drawn is not None
    latency = drawn.panels[1]
    paths = {line.name: line.path for line in latency.lines}
    assert paths["p50"].count("M") == 2
    assert paths["p95"].count("M") == 1


def test_three_panels_share_one_time_axis_and_stay_in_their_frames() -> None:
    for result in sample_load()[:2]:
        drawn = plot(result["series"])
        assert drawn is not None
        assert [panel.name for panel in drawn.panels] == ["arrivals", "latency", "refused"]
        assert all(LEFT <= tick.at <= WIDTH - RIGHT for tick in drawn.times)
        for panel in drawn.panels:
            for line in panel.lines:
                for x, y in re.findall(r"[ML]([\d.]+) ([\d.]+)", line.path):
                    assert LEFT <= float(x) <= WIDTH - RIGHT
                    assert panel.top <= float(y) <= panel.bottom


def test_the_heat_map_holds_every_request_in_its_place() -> None:
    drawn = plot(_series(heat=[[[0, 8]], [[5, 1], [10, 4]], []]))
    assert drawn is not None
    arrivals, latency, refused = drawn.panels
    assert arrivals.shades == refused.shades == ()
    assert [shade.level for shade in latency.shades] == [2, 4, 5]
    cells = {
        shade.level: re.findall(r"M([\d.]+) ([\d.]+)H([\d.]+)V([\d.]+)", shade.path)
        for shade in latency.shades
    }
    ((left, top, right, bottom),) = cells[5]
    assert LEFT <= float(left) < float(right) <= WIDTH - RIGHT
    assert latency.top <= float(top) < float(bottom) <= latency.bottom
    assert float(cells[4][0][1]) < float(cells[2][0][1]) < float(top)  # slower is higher


def test_grouped_seconds_are_one_column_of_all_their_requests() -> None:
    _, points = bins(_series(heat=[[[1, 2]], [[1, 3], [4, 1]]] * 300))
    assert [dict(point.heat) for point in points[:1]] == [{1: 5, 4: 1}]


def test_what_processes_used_stands_under_the_same_clock() -> None:
    used = [
        {"t": 0.4, "name": "application", "cpu": 0.5, "memory": 2_000_000},
        {"t": 2.1, "name": "application", "cpu": 2.5, "memory": 4_000_000},
        {"t": 9.0, "name": "application", "cpu": 9.5, "memory": 4_000_000},
    ]
    drawn = plot(_series(p50=[1.0] * 4), used)
    assert drawn is not None
    processor, memory = drawn.panels[3:]
    assert (processor.name, memory.name) == ("processor", "memory")
    assert [line.name for line in processor.lines] == ["application_cpu"]  # nothing of a hospital
    assert processor.lines[0].path.count("M") == 2  # second 1 is a hole
    assert processor.ticks[-1].text["en"] == "3"  # second 9 is not of this run


def test_names_of_lines_do_not_overlap() -> None:
    drawn = plot(_series(p50=[5.0] * 9, p95=[5.0] * 9, service_p95=[5.0] * 9))
    assert drawn is not None
    heights = sorted(line.label_y for line in drawn.panels[1].lines)
    assert len(heights) == 3
    assert min(b - a for a, b in itertools.pairwise(heights)) >= 15


@pytest.mark.parametrize("highest", [0, 0.4, 1, 7, 80, 123, 99_999, 1e9])
def test_linear_axis_is_round_and_holds_its_highest_value(highest: float) -> None:
    axis = linear_axis(highest)
    assert axis.ticks[0] == 0
    assert axis.ticks[-1] >= highest
    assert 2 <= len(axis.ticks) <= 6
    assert axis.place(0) == 0
    assert axis.place(axis.ticks[-1]) == 1


@pytest.mark.parametrize(
    ("lowest", "highest"), [(9.8, 61), (0, 0), (0.001, 3), (10, 10), (3, 2800), (100, 1e6)]
)
def test_log_axis_holds_both_values(lowest: float, highest: float) -> None:
    axis = log_axis(lowest, highest)
    assert axis.ticks
    assert 0 <= axis.place(lowest) <= 1
    assert 0 < axis.place(max(highest, 0.1)) <= 1
    for tick in axis.ticks:
        assert math.isclose(tick, float(f"{tick:.0e}"))


def test_time_axis_has_few_round_ticks() -> None:
    assert time_axis(119).ticks == (0.0, 15.0, 30.0, 45.0, 60.0, 75.0, 90.0, 105.0)
    assert all(len(time_axis(last).ticks) <= 11 for last in (0, 1, 59, 3600, 86_400, 10**7))
