"""Encounters of a block: exact counts, nobody at two places, within life, admissions after their visit."""

from datetime import UTC, datetime

import numpy as np
import pytest

from synthetic_data import HospitalPlan
from synthetic_data.facts.block import Block
from synthetic_data.facts.clock import DAY, completed_years, wall
from synthetic_data.facts.diagnoses import BIRTH, CODES
from synthetic_data.facts.emergencies import ADMITTED
from synthetic_data.facts.episodes import CONSULTATION, EMERGENCY_VISIT, STAY
from synthetic_data.facts.journeys import NONE, TO_THE_WARD
from synthetic_data.facts.people import FEMALE
from synthetic_data.facts.units import EMERGENCY, UNITS
from synthetic_data.facts.volumes import share
from synthetic_data.plan import END_OF_2023
from synthetic_data.tables import table

_ROWS = table("cim10")
# Crowded, quiet, tiny, short blocks; the year of a leap day; the beginning of a year.
PLANS = [
    *(HospitalPlan(seed=seed, patients=size) for seed in range(6) for size in (1, 2, 3, 7, 37, 150)),
    HospitalPlan(patients=300, recent=0),
    HospitalPlan(patients=300, recent=0.5),
    HospitalPlan(patients=300, recent=1.0),
    HospitalPlan(seed=9, patients=300, now=datetime(2024, 2, 29, 23, 59, tzinfo=UTC)),
    HospitalPlan(seed=9, patients=300, now=END_OF_2023),
    # Years so full that journeys are drawn many times: a consultation once became a stay.
    HospitalPlan(seed=211791, patients=60, now=datetime(2024, 1, 31, 12, 33, tzinfo=UTC), recent=0.3),
    HospitalPlan(seed=329850, patients=60, now=datetime(2022, 10, 26, 8, 39, tzinfo=UTC), recent=1),
]


@pytest.fixture(scope="module")
def all_blocks(blocks):
    return [*blocks, *(Block(plan, 0) for plan in PLANS)]


def known_end(block):
    return np.minimum(block.episodes.end, block.plan.now_minute)


def test_each_kind_has_its_exact_count(all_blocks):
    for block in all_blocks:
        for kind, quantity in (
            (STAY, "sejours"),
            (CONSULTATION, "consultations"),
            (EMERGENCY_VISIT, "urgences"),
        ):
            wanted = share(quantity, block.plan.patients, block.number)
            assert (block.episodes.kind == kind).sum() == wanted, (block.plan, quantity)


def test_rows_are_sorted_by_person_and_start(all_blocks):
    for block in all_blocks:
        order = np.lexsort((block.episodes.start, block.episodes.person))
        assert (order == np.arange(len(order))).all()


def test_nobody_is_at_two_places(all_blocks):
    for block in all_blocks:
        person, start, end = block.episodes.person, block.episodes.start, block.episodes.end
        same = person[1:] == person[:-1]
        # The latest end so far, not that of the row before: a long stay may hide a short visit.
        latest = [np.maximum.accumulate(end[person == one])
                  for one in np.unique(person)]  # fmt: skip
        assert not (same & (start[1:] < np.concatenate(latest)[:-1])).any(), block.plan


def test_encounters_are_within_the_presence_of_their_patient(all_blocks):
    for block in all_blocks:
        episodes, people = block.episodes, block.people
        assert (episodes.start <= episodes.end).all()
        assert (episodes.start >= people.seen_from[episodes.person]).all(), block.plan
        assert (episodes.start <= block.plan.now_minute).all()
        assert (episodes.end <= people.death[episodes.person]).all()
        assert (wall(episodes.start) // DAY >= people.birth[episodes.person]).all()


def test_what_is_over_is_over(all_blocks):
    for block in all_blocks:
        assert (block.episodes.ended == (block.episodes.end <= block.plan.now_minute)).all()


def test_an_admission_follows_its_visit_by_the_way_to_the_ward(all_blocks):
    admitted = 0
    for block in all_blocks:
        episodes = block.episodes
        stays = np.flatnonzero(episodes.origin != NONE)
        visits = episodes.origin[stays]
        assert (episodes.kind[stays] == STAY).all()
        assert (episodes.kind[visits] == EMERGENCY_VISIT).all()
        assert (episodes.person[stays] == episodes.person[visits]).all()
        assert (episodes.diagnosis[stays] == episodes.diagnosis[visits]).all()
        assert (episodes.start[stays] - episodes.end[visits] == TO_THE_WARD).all()
        assert (episodes.outcome[visits] == ADMITTED).all()
        assert len(np.unique(visits)) == len(visits)
        admitted += len(visits)
    assert admitted > 200


def test_an_admitted_visitor_has_a_stay_unless_still_there(all_blocks):
    for block in all_blocks:
        episodes = block.episodes
        out = (episodes.outcome == ADMITTED) & episodes.ended
        assert np.isin(np.flatnonzero(out), episodes.origin).all(), block.plan


def test_what_does_not_apply_is_absent(all_blocks):
    for block in all_blocks:
        episodes = block.episodes
        assert ((episodes.nights != NONE) == (episodes.kind == STAY)).all()
        assert ((episodes.motive != NONE) == (episodes.kind == EMERGENCY_VISIT)).all()
        assert ((episodes.outcome != NONE) == (episodes.kind == EMERGENCY_VISIT)).all()
        assert np.isin(episodes.unit[episodes.kind == EMERGENCY_VISIT], EMERGENCY).all()
        assert (episodes.kind[episodes.dies] == STAY).all()


def test_nights_are_those_between_the_dates_unless_death_cut_the_stay(blocks):
    for block in blocks:
        episodes = block.episodes
        stays = np.flatnonzero((episodes.kind == STAY) & ~episodes.dies)
        nights = wall(episodes.end[stays]) // DAY - wall(episodes.start[stays]) // DAY
        assert (nights == episodes.nights[stays]).all()


def test_who_dies_in_hospital_dies_at_the_end_of_the_stay(all_blocks):
    deaths = 0
    for block in all_blocks:
        dying = np.flatnonzero(block.episodes.dies)
        assert (block.episodes.end[dying] == block.people.death[block.episodes.person[dying]]).all()
        deaths += len(dying)
    assert deaths >= 5


def test_diagnoses_suit_the_sex_and_the_age_at_the_encounter(all_blocks):
    for block in all_blocks:
        episodes, people = block.episodes, block.people
        age = completed_years(people.birth[episodes.person], wall(episodes.start) // DAY)
        sex = people.sex[episodes.person]
        youngest = np.array([int(row["age_min"] or 0) for row in _ROWS])[episodes.diagnosis]
        oldest = np.array([int(row["age_max"] or 150) for row in _ROWS])[episodes.diagnosis]
        needed = np.array([{"": -1, "M": 0, "F": 1}[row["sexe"]] for row in _ROWS])[episodes.diagnosis]
        assert ((youngest <= age) & (age <= oldest)).all(), block.plan
        assert ((needed == -1) | (needed == sex)).all(), block.plan


def test_units_take_the_sex_and_the_age_at_the_encounter(blocks):
    for block in blocks:
        episodes, people = block.episodes, block.people
        cared = np.flatnonzero(episodes.kind != EMERGENCY_VISIT)
        age = completed_years(people.birth[episodes.person[cared]], wall(episodes.start[cared]) // DAY)
        youngest = np.array([int(unit["age_min"] or 0) for unit in UNITS])[episodes.unit[cared]]
        oldest = np.array([int(unit["age_max"] or 150) for unit in UNITS])[episodes.unit[cared]]
        assert ((youngest <= age) & (age <= oldest)).all()


def test_newborns_and_their_mothers_are_in_hospital_together(all_blocks):
    born = twins = together = short = 0
    for block in all_blocks:
        episodes, people = block.episodes, block.people
        for child in np.flatnonzero(episodes.mother != NONE):
            mother = episodes.mother[child]
            assert people.newborn[child]
            assert people.sex[mother] == FEMALE
            age = completed_years(people.birth[[mother]], people.birth[[child]])[0]
            assert 16 <= age <= 46
            (stay,) = [
                row for row in np.flatnonzero(episodes.person == child)
                if _ROWS[episodes.diagnosis[row]]["exige"] == BIRTH and episodes.kind[row] == STAY
            ]  # fmt: skip
            assert episodes.start[stay] == people.seen_from[child]
            assert wall(episodes.start[[stay]])[0] // DAY == people.birth[child]
            deliveries = [
                row for row in np.flatnonzero((episodes.person == mother) & (episodes.kind == STAY))
                if CODES[episodes.diagnosis[row]].startswith(("O60", "O80", "O82"))
            ]  # fmt: skip
            assert len(deliveries) == 1
            assert episodes.start[deliveries[0]] <= episodes.start[stay] < episodes.end[deliveries[0]]
            twins += (episodes.mother == mother).sum() > 1
            born += 1
            siblings = np.isin(episodes.person, np.flatnonzero(episodes.mother == mother))
            if episodes.nights[stay] <= 7:  # a child that must stay on longer stays without its mother
                short += 1
                together += episodes.end[deliveries[0]] in episodes.end[siblings]
    assert born > 20
    assert twins % 2 == 0
    assert together > 0.9 * short > 0  # but for a year too full


def test_deliveries_have_a_child(all_blocks):
    for block in all_blocks:
        episodes = block.episodes
        delivered = [
            row for row in np.flatnonzero(episodes.kind == STAY)
            if CODES[episodes.diagnosis[row]].startswith(("O60", "O80", "O82"))
        ]  # fmt: skip
        assert set(episodes.person[delivered]) == set(episodes.mother[episodes.mother != NONE])


def test_the_share_of_recent_visitors_is_the_one_asked_for(all_blocks):
    for block in all_blocks:
        if block.plan.patients < 100:
            continue
        episodes = block.episodes
        recent = (episodes.kind == EMERGENCY_VISIT) & (episodes.start >= block.plan.now_minute - DAY)
        visitors = len(np.unique(episodes.person[episodes.kind == EMERGENCY_VISIT]))
        found = len(np.unique(episodes.person[recent]))
        wanted = min(block.plan.recent, 0.25) * len(block.people)
        assert found >= min(wanted, 0.8 * visitors) - 1
        if block.plan.recent == 0:
            assert found <= 0.01 * len(block.people) + 2


def test_consultations_keep_office_hours_on_working_days(blocks):
    for block in blocks:
        start = wall(block.episodes.start[block.episodes.kind == CONSULTATION])
        hour, weekday = start % DAY // 60, (start // DAY + 3) % 7
        assert weekday.max() <= 4
        assert ((hour >= 8) & (hour <= 17)).mean() > 0.999


@pytest.mark.xfail(
    strict=True, reason="stays are gathered on too few people: over 1.8 each, sessions left out"
)
def test_hospitalised_people_have_the_published_number_of_stays(blocks):
    """1.53 stays a person in the year (DREES 2020), series of sessions left out."""
    stays = people = 0
    for block in blocks:
        sessions = np.array([code.startswith(("Z49", "Z51")) for code in CODES])[block.episodes.diagnosis]
        staying = block.episodes.person[(block.episodes.kind == STAY) & ~sessions]
        stays, people = stays + len(staying), people + len(np.unique(staying))
    assert stays / people == pytest.approx(1.53, abs=0.15)
