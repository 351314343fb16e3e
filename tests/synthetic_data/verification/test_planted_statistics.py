"""Hospitals whose lines are all right and whose whole is not."""

import random

import pytest
from planting import with_acts

pytestmark = pytest.mark.slow
LABORATORY, ENCOUNTERS = (f"{name}.ndjson.zst" for name in ("Observation.laboratory", "Encounter"))


@pytest.fixture
def planted(large, plant):
    return plant(large)


def of_code(loinc):
    return lambda one: one["code"]["coding"][0]["code"] == loinc


def change_all(planted, name, chosen, change):
    planted.change(name, lambda one: change(one) if chosen(one) else False, most=10**9)


def test_diabetes_without_effect(planted, failures):
    change_all(planted, LABORATORY, of_code("4548-4"), lambda one: one["valueQuantity"].update(value=5.6))
    assert failures(planted.write()) == {"diabetes": ["HbA1c"]}


def test_chest_pain_without_troponin(planted, failures):
    change_all(
        planted, LABORATORY, of_code("67151-1"), lambda one: one["code"]["coding"][0].update(code="2951-2")
    )
    assert failures(planted.write()) == {"chest_pain": ["troponin in chest pain"]}


def test_results_drawn_independently(planted, failures):
    values = [
        one["valueQuantity"]["value"] for one in planted.resources("Observation") if of_code("718-7")(one)
    ]
    random.Random(1).shuffle(values)  # noqa: S311
    change_all(
        planted, LABORATORY, of_code("718-7"), lambda one: one["valueQuantity"].update(value=values.pop())
    )
    assert failures(planted.write()) == {"steadiness": ["haemoglobin"]}


def test_consultations_that_all_begin_at_nine(planted, failures):
    def change(one):
        start = one["period"]["start"]
        one["period"]["start"] = f"{start[:11]}09{start[13:]}" if start[11:13] > "09" else start

    change_all(planted, ENCOUNTERS, lambda one: one["class"]["code"] == "AMB", change)
    assert failures(planted.write()) == {"distributions": ["hours of consultations"]}


def test_consultations_at_night(planted, failures):
    used = with_acts(planted)

    def change(one):
        if one["class"]["code"] != "AMB" or f"Encounter/{one['id']}" in used:
            return False
        start = one["period"]["start"]
        one["period"] = {"start": f"{start[:11]}03{start[13:]}"}

    planted.change(ENCOUNTERS, change)
    found = failures(planted.write())
    assert found["distributions"] == ["hours of consultations: excluded by the law"]
