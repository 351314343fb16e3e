"""Movements: contiguous, covering each stay with nights exactly, in beds of the unit."""

from collections import defaultdict
from itertools import pairwise

import numpy as np
from care_hospital import PLAN, diagnosis, instant, named, resources, target

from synthetic_data.facts.beds import beds
from synthetic_data.facts.block import Block
from synthetic_data.facts.movements import INTENSIVE as INTENSIVE_RANK
from synthetic_data.facts.volumes import totals
from synthetic_data.plan import HospitalPlan

INTENSIVE = "Organization/org-uf-01031"


def by_stay():
    found = defaultdict(list)
    for one in named("mvt"):
        found[one["partOf"]["reference"]].append(one)
    return found


def is_full(stay):
    return stay["class"]["code"] == "IMP"


def test_stays_are_still_counted_exactly():
    stays = [
        one for one in resources()
        if one["resourceType"] == "Encounter"
        and one["class"]["code"] in {"IMP", "SS"}
        and "partOf" not in one
    ]  # fmt: skip
    assert len(stays) == totals(PLAN.patients)["sejours"]


def test_exactly_the_stays_with_nights_have_one_to_four_movements():
    moves = by_stay()
    full = {f"Encounter/{one['id']}" for one in named("enc") if is_full(one)}
    assert set(moves) == full
    assert {len(found) for found in moves.values()} <= {1, 2, 3, 4}
    assert max(len(found) for found in moves.values()) >= 3


def test_movements_cover_their_stay_without_gap_or_overlap():
    for reference, moves in by_stay().items():
        stay = target({"reference": reference})
        assert moves[0]["period"]["start"] == stay["period"]["start"]
        assert moves[-1]["period"].get("end") == stay["period"].get("end")
        for before, after in pairwise(moves):
            assert before["period"]["end"] == after["period"]["start"]
        for move in moves:
            if "end" in move["period"]:
                assert instant(move["period"]["start"]) < instant(move["period"]["end"])
            assert (move["status"] == "in-progress") == ("end" not in move["period"])
            assert move["subject"] == stay["subject"]


def test_a_bed_is_one_of_the_unit_in_a_room_of_its_ward():
    for move in named("mvt"):
        bed = target(move["location"][0]["location"])
        room = target(bed["partOf"])
        ward = target(room["partOf"])
        assert bed["type"][0]["coding"][0]["code"] == "LIT"
        assert room["type"][0]["coding"][0]["code"] == "CHAMB"
        assert {one["managingOrganization"]["reference"] for one in (bed, room, ward)} == {
            move["serviceProvider"]["reference"]
        }


def test_in_the_whole_hospital_a_movement_takes_another_bed_of_its_unit():
    known = beds(450_000)
    for number in range(4):
        moves = Block(HospitalPlan(patients=450_000), number).movements
        assert [known[bed].unit for bed in moves.bed] == moves.unit.tolist()
        same_stay = moves.stay[1:] == moves.stay[:-1]
        assert same_stay.sum() > 50
        assert (moves.bed[1:] != moves.bed[:-1])[same_stay].all()


def test_stays_of_the_intensive_care_unit_begin_there_however_short():
    for number in range(8):
        block = Block(HospitalPlan(patients=450_000), number)
        first = np.unique(block.movements.stay, return_index=True)[1]
        own = block.episodes.unit[block.movements.stay[first]] == INTENSIVE_RANK
        assert own.sum() > 5
        assert (block.movements.unit[first][own] == INTENSIVE_RANK).all()


def test_the_most_severe_begin_in_intensive_care_and_minor_ones_never_go_there():
    severe, minor = 0, 0
    for reference, moves in by_stay().items():
        stay = target({"reference": reference})
        units = [move["serviceProvider"]["reference"] for move in moves]
        if stay["serviceProvider"]["reference"] == INTENSIVE:
            severe += 1
            assert units[0] == INTENSIVE
        else:
            assert INTENSIVE not in units[1:]
            if diagnosis(stay).startswith(("S72", "O", "Z", "F", "M")):
                minor += 1
                assert INTENSIVE not in units
    assert severe > 2
    assert minor > 10


def test_the_hospital_has_its_beds():
    assert len(beds(450_000)) == 2980
    assert len({bed.id for bed in beds(450_000)}) == 2980
    rooms = defaultdict(int)
    for bed in beds(450_000):
        rooms[bed.room_id] += 1
    assert set(rooms.values()) == {1, 2}
    assert all(bed.alone == (rooms[bed.room_id] == 1) for bed in beds(450_000))
