"""Vital signs: when they are taken, their profiles, what they owe to age, diagnosis and person."""

from collections import defaultdict
from statistics import mean

import numpy as np
import pytest
from care_hospital import bounds, encounter, instant, loinc, named

from synthetic_data.facts.block import Block
from synthetic_data.facts.diagnoses import starting_with
from synthetic_data.facts.norms import (
    DIASTOLIC,
    HEART,
    HEIGHT,
    INDEX,
    SATURATION,
    SYSTOLIC,
    TEMPERATURE,
    WEIGHT,
)  # fmt: skip
from synthetic_data.facts.vitals import DAYS
from synthetic_data.plan import END_OF_2023, HospitalPlan

FR_CORE = "https://hl7.fr/ig/fhir/core/StructureDefinition/"
TEMPERATURE_CODE, OXYGEN, PRESSURE = "8310-5", "2708-6", "85354-9"


@pytest.fixture(scope="module")
def blocks() -> list[Block]:
    plan = HospitalPlan(patients=450_000, now=END_OF_2023, recent=0)
    return [Block(plan, number) for number in range(4)]


def measured(blocks, signal, *codes):
    """Give the first values of a signal in encounters for some diagnoses, by encounter."""
    found = []
    for block in blocks:
        vitals = block.vitals
        rows = vitals.measured[:, signal] & starting_with(*codes)[block.episodes.diagnosis[vitals.episode]]
        rows &= vitals.taken - block.episodes.start[vitals.episode] < 60
        found += vitals.scaled[rows, signal].tolist()
    return found


def test_they_are_not_laboratory_acts_and_claim_an_fr_core_profile():
    for one in named("vital"):
        assert one["category"][0]["coding"][0]["code"] == "vital-signs"
        assert one["meta"]["profile"][0].startswith(f"{FR_CORE}fr-core-observation-")


def test_they_are_taken_during_emergency_visits_and_the_first_days_of_stays_with_nights():
    days = defaultdict(set)
    for one in named("vital"):
        visited = encounter(one)
        start, end = bounds(visited)
        assert visited["class"]["code"] in {"EMER", "IMP"}
        assert start <= instant(one["effectiveDateTime"]) <= end
        if visited["class"]["code"] == "IMP":
            days[visited["id"]].add(one["effectiveDateTime"][:10])
    assert max(map(len, days.values())) == DAYS <= 4


def test_a_pressure_has_both_components_with_a_possible_difference():
    pressures = [one for one in named("vital") if loinc(one) == PRESSURE]
    assert pressures
    for one in pressures:
        high, low = (part["valueQuantity"]["value"] for part in one["component"])
        assert [part["code"]["coding"][0]["code"] for part in one["component"]] == ["8480-6", "8462-4"]
        assert high - low >= 14


def test_the_index_follows_from_weight_and_height(blocks):
    for block in blocks:
        vitals = block.vitals
        rows = vitals.measured[:, INDEX]
        assert rows.sum() > 20
        assert (vitals.measured[rows][:, [WEIGHT, HEIGHT]]).all()
        weight, height = vitals.scaled[rows, WEIGHT] / 10, vitals.scaled[rows, HEIGHT] / 100
        assert (np.rint(10 * weight / height**2) == vitals.scaled[rows, INDEX]).all()


def test_height_is_that_of_the_person_and_weight_hardly_moves(blocks):
    for block in blocks:
        person = block.episodes.person[block.vitals.episode]
        adult = block.people.age[person] >= 20
        for signal, most in ((HEIGHT, 0.01), (WEIGHT, 0.12)):
            values = defaultdict(list)
            for one, value in zip(person[adult], block.vitals.scaled[adult, signal], strict=True):
                values[one].append(value)
            spreads = [(max(v) - min(v)) / min(v) for v in values.values() if len(v) > 1]
            assert np.median(spreads) <= most


def test_a_person_resembles_themself_more_than_others(blocks):
    """The between-person share of the variance of the systolic pressure of adults on following days."""
    within, between = [], []
    for block in blocks:
        vitals, episodes = block.vitals, block.episodes
        person = episodes.person[vitals.episode]
        late = (vitals.taken - episodes.start[vitals.episode] > 1440) & (block.people.age[person] >= 20)
        for one in np.unique(person[late]):
            values = vitals.scaled[late & (person == one), SYSTOLIC]
            if len(values) > 1:
                within.append(values.var(ddof=1))
                between.append(values.mean())
    assert np.var(between) > 1.5 * np.mean(within)


@pytest.mark.parametrize(
    ("signal", "ill", "well", "least"),
    [
        (TEMPERATURE, ("A41", "J15", "N10"), ("S", "H", "M"), 12),
        (HEART, ("A41", "I48"), ("S", "M"), 15),
        (SATURATION, ("S", "M"), ("J96.0",), 6),
        (SYSTOLIC, ("I61", "I63"), ("A41",), 25),
    ],
)
def test_the_diagnosis_moves_the_signs(blocks, signal, ill, well, least):
    assert mean(measured(blocks, signal, *ill)) - mean(measured(blocks, signal, *well)) > least


def test_children_have_the_rates_of_children(blocks):
    rates = {True: [], False: []}
    for block in blocks:
        person = block.episodes.person[block.vitals.episode]
        rows = block.vitals.measured[:, HEART]
        for young in rates:
            chosen = rows & ((block.people.age[person] <= 1) == young)
            rates[young] += block.vitals.scaled[chosen, HEART].tolist()
    assert mean(rates[True]) > mean(rates[False]) + 30


def test_hypertensive_people_have_higher_pressures(blocks):
    known, others = [], []
    for block in blocks:
        person = block.episodes.person[block.vitals.episode]
        older = block.people.age[person] >= 55
        hypertensive = block.people.health.state("hypertension")[person]
        known += block.vitals.scaled[older & hypertensive, DIASTOLIC].tolist()
        others += block.vitals.scaled[older & ~hypertensive, DIASTOLIC].tolist()
    assert mean(known) > mean(others) + 4


def test_saturation_carries_both_loinc_codes():
    found = [one for one in named("vital") if loinc(one) == OXYGEN]
    assert found
    assert all([c["code"] for c in one["code"]["coding"]] == [OXYGEN, "59408-5"] for one in found)


def test_fever_is_seen_in_the_resources():
    codes = {one["encounter"]["reference"]: loinc(one) for one in named("cond") if "encounter" in one}
    fevers = [
        one["valueQuantity"]["value"]
        for one in named("vital")
        if loinc(one) == TEMPERATURE_CODE and codes[one["encounter"]["reference"]].startswith(("A41", "R50"))
    ]
    assert mean(fevers) > 37.5
