"""Same plan, same hospital; another seed, another one; any instant may be the present."""

import hashlib
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


def test_another_seed_gives_other_people_and_another_year():
    told = [list(generate(HospitalPlan(seed=seed, patients=SMALL))) for seed in (5, 6)]

    def same(kind, read):
        sides = ([one for one in side if one["resourceType"] == kind] for side in told)
        pairs = list(zip(*sides, strict=False))
        return sum(read(one) == read(other) for one, other in pairs) / len(pairs)

    assert same("Patient", lambda one: (one["name"][0]["family"], one.get("birthDate", ""))) < 0.05
    assert same("Encounter", lambda one: one["period"]["start"]) < 0.05
    assert same("ImagingStudy", lambda one: one["identifier"][0]["value"]) == 0
    assert same("Practitioner", lambda one: one["name"][0]["text"]) < 0.05


@pytest.mark.parametrize(
    ("mistake", "sentence"),
    [
        ({"patients": 0}, "expected 1 to 9,999,999 patients, got 0"),
        ({"patients": 10_000_000}, "got 10,000,000"),
        ({"seed": -1}, "expected a seed from 0"),
        ({"seed": 2**63}, "expected a seed from 0"),
        ({"now": datetime(2023, 6, 15, 10)}, "time zone"),  # noqa: DTZ001 - the mistake under test
    ],
)
def test_a_plan_that_cannot_be_is_refused_in_one_sentence(mistake, sentence):
    with pytest.raises(ValueError, match=sentence):
        HospitalPlan(**mistake)


@pytest.mark.parametrize("now", [datetime(2024, 2, 29, 23, 59, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)])
def test_the_present_can_be_any_instant(now):
    plan = HospitalPlan(seed=5, patients=40, now=now)
    starts = [one["period"]["start"] for one in generate(plan) if one["resourceType"] == "Encounter"]
    assert starts
    assert max(map(datetime.fromisoformat, starts)) <= now
