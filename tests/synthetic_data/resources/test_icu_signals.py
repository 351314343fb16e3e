"""Intensive care: an hour of one signal a resource, sixty points, only while the patient is there."""

from collections import Counter, defaultdict

import numpy as np
import pytest
from care_hospital import PLAN, bounds, instant, loinc, named, target

from synthetic_data.facts.block import Block
from synthetic_data.facts.monitoring import HOURS, OXYGEN, PRESSURE, RATE
from synthetic_data.plan import END_OF_2023, HospitalPlan


@pytest.fixture(scope="module")
def block() -> Block:
    return Block(HospitalPlan(patients=450_000, now=END_OF_2023, recent=0), 3)


def passages():
    found = defaultdict(list)
    for one in named("mvt"):
        if "Réanimation" in target(one["serviceProvider"])["name"]:
            found[one["partOf"]["reference"]].append(one)
    return found


def test_an_hour_has_sixty_points_a_minute_apart():
    for one in named("icu"):
        sampled = one["valueSampledData"]
        points = sampled["data"].split(" ")
        assert len(points) == 60
        assert all(point == "E" or point.isdigit() for point in points)
        assert sampled["period"] * len(points) == 3_600_000
        period = one["effectivePeriod"]
        assert (instant(period["end"]) - instant(period["start"])).total_seconds() == 3600


def test_the_three_signals_go_together_hour_by_hour():
    hours = Counter((one["encounter"]["reference"], one["effectivePeriod"]["start"]) for one in named("icu"))
    assert set(hours.values()) == {3}
    assert {loinc(one) for one in named("icu")} == {"8867-4", "8478-0", "59408-5"}


def test_every_passage_is_recorded_from_its_start_and_nothing_else_is():
    recorded = defaultdict(set)
    for one in named("icu"):
        recorded[one["encounter"]["reference"]].add(one["effectivePeriod"]["start"])
    expected = defaultdict(set)
    for stay, moves in passages().items():
        for move in moves:
            start, end = bounds(move)
            hours = min(HOURS, int((min(end, PLAN.now) - start).total_seconds() // 3600))
            expected[stay] |= {int(start.timestamp()) + 3600 * hour for hour in range(hours)}
    found = {stay: {int(instant(one).timestamp()) for one in starts} for stay, starts in recorded.items()}
    assert found
    assert found == {stay: starts for stay, starts in expected.items() if starts}


def test_only_hours_that_are_over_and_spent_there_are_recorded():
    plan = HospitalPlan(patients=450_000)
    short = 0
    for number in range(16):  # short ones are rare
        block = Block(plan, number)
        until = np.minimum(block.movements.end, plan.now_minute)[block.monitoring.passage]
        assert (block.monitoring.start + 60 <= until).all()
        short += (np.unique(block.monitoring.passage, return_counts=True)[1] < HOURS).sum()
    assert short


def test_a_minute_resembles_the_one_before(block: Block):
    points = block.monitoring.points.astype(float)
    for signal in (RATE, PRESSURE, OXYGEN):
        series = points[:, signal] - points[:, signal].mean(axis=1, keepdims=True)
        kept = (series[:, 1:] * series[:, :-1]).sum() / (series**2).sum()
        assert 0.7 < kept < 0.99


def test_events_move_the_signals_together(block: Block):
    points = block.monitoring.points
    low = points[:, OXYGEN] < points[:, OXYGEN].mean(axis=1, keepdims=True) - 3
    assert low.sum() > 50
    rate = points[:, RATE] - points[:, RATE].mean(axis=1, keepdims=True)
    pressure = points[:, PRESSURE] - points[:, PRESSURE].mean(axis=1, keepdims=True)
    assert rate[low].mean() > 3
    assert pressure[low].mean() < -3


def test_sensors_lose_a_few_points(block: Block):
    assert 0.001 < np.mean(block.monitoring.lost) < 0.01
