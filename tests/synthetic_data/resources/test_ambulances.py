"""Ambulances: positions that any minute gives alone, at speeds a vehicle can have, in the region."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest
from care_hospital import PLAN, instant, named

from synthetic_data.facts.ambulances import VEHICLES, kilometres, track

MINUTES = np.arange(28_000_000, 28_000_000 + 3 * 1440)


def of_vehicle(location):
    return [one for one in named("pos") if one["subject"]["reference"] == f"Location/{location['id']}"]


def point(observation):
    return tuple(one["valueQuantity"]["value"] for one in observation["component"][:2])


@pytest.mark.parametrize("vehicle", range(len(VEHICLES)))
def test_no_vehicle_goes_faster_than_the_road_allows(vehicle):
    found = track(7, vehicle, MINUTES)
    points = list(zip(found.latitude.tolist(), found.longitude.tolist(), strict=True))
    speeds = [60 * kilometres(one, other) for one, other in pairwise(points)]
    assert 20 < max(speeds) < 130


@pytest.mark.parametrize("vehicle", range(len(VEHICLES)))
def test_a_minute_asked_for_alone_is_that_of_the_whole_day(vehicle):
    whole = track(7, vehicle, MINUTES)
    for rank in range(0, len(MINUTES), 501):
        alone = track(7, vehicle, MINUTES[rank : rank + 1])
        assert alone.latitude[0] == whole.latitude[rank]
        assert alone.longitude[0] == whole.longitude[rank]
        assert alone.state[0] == whole.state[rank]


@pytest.mark.parametrize("vehicle", range(len(VEHICLES)))
def test_a_vehicle_stands_at_its_base_when_it_is_said_to_and_moves_when_on_its_way(vehicle):
    found, row = track(7, vehicle, MINUTES), VEHICLES[vehicle]
    base = (float(row["latitude"]), float(row["longitude"]))
    waiting = np.isin(found.state, (0, 6))
    assert (found.latitude[waiting] == base[0]).all()
    assert (found.longitude[waiting] == base[1]).all()
    moved = np.hypot(np.diff(found.latitude), np.diff(found.longitude)) > 0
    both = found.state[1:] == found.state[:-1]
    assert moved[both & np.isin(found.state[1:], (1, 3, 5))].all()
    assert not moved[both & np.isin(found.state[1:], (0, 2, 4, 6))].any()


def test_it_depends_on_the_seed():
    assert (track(7, 0, MINUTES).latitude != track(8, 0, MINUTES).latitude).any()


def test_each_ambulance_has_a_position_every_ten_minutes_of_the_last_day_and_is_where_the_last_one_says():
    assert len(named("loc-smur")) == len(VEHICLES)
    for one in named("loc-smur"):
        found = of_vehicle(one)
        times = [instant(seen["effectiveDateTime"]) for seen in found]
        assert times == [PLAN.now - timedelta(minutes=10 * rank) for rank in range(144, -1, -1)]
        assert point(found[-1]) == (one["position"]["latitude"], one["position"]["longitude"])
        assert one["physicalType"]["coding"][0]["code"] == "ve"
        assert one["mode"] == "instance"


def test_they_stay_in_the_region_and_do_missions():
    points = [point(one) for one in named("pos")]
    assert all(42.6 < latitude < 44.2 and 0.3 < longitude < 2.3 for latitude, longitude in points)
    states = Counter(one["component"][2]["valueString"] for one in named("pos"))
    assert {"Sur les lieux", "À l'hôpital", "Disponible à la base"} <= set(states)
