"""Same plan, same bytes; another seed, other bytes; a bigger hospital contains the smaller one."""

import hashlib
import os
import subprocess
import sys
from datetime import UTC, datetime

import orjson
import pytest

from synthetic_data import HospitalPlan, generate

SMALL = 120


def digest(plan: HospitalPlan) -> str:
    whole = hashlib.sha256()
    for one in generate(plan):
        whole.update(orjson.dumps(one))
    return whole.hexdigest()


def test_the_same_plan_gives_the_same_bytes():
    assert digest(HospitalPlan(seed=5, patients=SMALL)) == digest(HospitalPlan(seed=5, patients=SMALL))


def test_another_seed_gives_other_bytes():
    assert digest(HospitalPlan(seed=5, patients=SMALL)) != digest(HospitalPlan(seed=6, patients=SMALL))


def test_another_seed_gives_other_people_and_another_year():
    told = [list(generate(HospitalPlan(seed=seed, patients=SMALL))) for seed in (5, 6)]

    def same(kind, read):
        sides = ([one for one in side if one["resourceType"] == kind] for side in told)
        pairs = list(zip(*sides, strict=False))
        return sum(read(one) == read(other) for one, other in pairs) / len(pairs)

    assert same("Patient", lambda one: (one["name"][0]["family"], one["birthDate"])) < 0.05
    assert same("Encounter", lambda one: one["period"]["start"]) < 0.05
    assert same("Observation", lambda one: one.get("valueQuantity", {}).get("value")) < 0.1
    assert same("Practitioner", lambda one: one["name"][0]["text"]) < 0.05


def test_the_bytes_do_not_depend_on_the_hash_seed_of_python():
    program = (
        "import hashlib, orjson; from synthetic_data import HospitalPlan, generate\n"
        "whole = hashlib.sha256()\n"
        f"for one in generate(HospitalPlan(seed=5, patients={SMALL})): whole.update(orjson.dumps(one))\n"
        "print(whole.hexdigest())"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            capture_output=True,
            check=True,
            text=True,
        ).stdout.strip()
        for hash_seed in ("1", "2")
    }
    assert runs == {digest(HospitalPlan(seed=5, patients=SMALL))}


def test_a_bigger_hospital_contains_the_smaller_one_byte_for_byte():
    def bytes_of(patients):
        plan = HospitalPlan(seed=5, patients=patients)
        return {one["id"]: orjson.dumps(one) for one in generate(plan) if one["resourceType"] != "Group"}

    small, big = bytes_of(200), bytes_of(250)
    assert len(big) > len(small)
    assert {key: big[key] for key in small} == small


def test_a_patient_keeps_its_identity_whatever_the_size():
    def patients(count):
        plan = HospitalPlan(seed=5, patients=count)
        return [one for one in generate(plan) if one["resourceType"] == "Patient"]

    assert patients(37) == patients(90)[:37]


def test_a_plan_without_patients_or_time_zone_is_refused_in_one_sentence():
    with pytest.raises(ValueError, match="at least 1 patient"):
        HospitalPlan(patients=0)
    with pytest.raises(ValueError, match="time zone"):
        HospitalPlan(now=datetime(2023, 6, 15, 10))  # noqa: DTZ001 - the mistake under test


@pytest.mark.parametrize("now", [datetime(2024, 2, 29, 23, 59, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)])
def test_the_present_can_be_any_instant(now):
    plan = HospitalPlan(seed=5, patients=40, now=now)
    starts = [one["period"]["start"] for one in generate(plan) if one["resourceType"] == "Encounter"]
    assert starts
    assert max(map(datetime.fromisoformat, starts)) <= now
