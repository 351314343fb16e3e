"""Research: opposition is respected, and each participation rests on an agreement and on a cohort."""

from collections import Counter

import numpy as np
from care_hospital import PLAN, bounds, by_reference, instant, named, target
from order_hospital import full_blocks

from synthetic_data.facts.clock import DAY, completed_years
from synthetic_data.facts.cohorts import COHORTS
from synthetic_data.facts.participations import STUDIES, participations


def decision(consent):
    return consent["provision"]["type"]


def test_two_per_cent_of_the_patients_oppose():
    people = sum(len(block.people) for block in full_blocks())
    assert 0.014 <= sum(len(block.oppositions) for block in full_blocks()) / people <= 0.026


def test_an_opposition_denies_research_and_nothing_else():
    denied = [one for one in named("consent") if decision(one) == "deny"]
    assert denied
    for one in denied:
        assert one["scope"]["coding"][0]["code"] == "research"
        assert [purpose["code"] for purpose in one["provision"]["purpose"]] == ["HRESCH"]
        assert one["policyRule"]["coding"][0]["code"] == "OPTOUT"
        assert "data" not in one["provision"]


def test_nobody_who_opposes_takes_part():
    opposed = {one["patient"]["reference"] for one in named("consent") if decision(one) == "deny"}
    taking = {one["individual"]["reference"] for one in named("subject")}
    assert taking
    assert not opposed & taking
    in_a_cohort = 0
    for block in full_blocks():
        refusing = set(block.oppositions.person.tolist())
        assert not refusing & set(participations(block).person.tolist())
        in_a_cohort += sum(one.belongs(block)[block.oppositions.person].sum() for one in COHORTS)
    assert in_a_cohort > 10


def test_each_participation_has_its_own_agreement():
    used = Counter()
    for one in named("subject"):
        agreed = target(one["consent"])
        used[agreed["id"]] += 1
        assert decision(agreed) == "permit"
        assert agreed["patient"] == one["individual"]
        assert agreed["dateTime"] == one["period"]["start"]
        assert agreed["provision"]["data"][0]["reference"]["reference"] == one["study"]["reference"]
        assert (agreed["status"] == "inactive") == (one["status"] == "withdrawn")
    assert set(used.values()) == {1}
    assert set(used) == {one["id"] for one in named("consent") if decision(one) == "permit"}


def test_participants_are_adults_of_the_cohort_included_during_an_encounter():
    cohort_of = {f"etude-{row['etude']}": row["cohorte"] for row in STUDIES}
    periods: dict[str, list] = {}
    for one in named("enc"):
        periods.setdefault(one["subject"]["reference"], []).append(bounds(one))
    for one in named("subject"):
        study = target(one["study"])
        group = by_reference()[f"Group/group-{cohort_of[study['id']]}"]
        assert {"entity": {"reference": one["individual"]["reference"]}} in group["member"]
        included = instant(one["period"]["start"])
        assert any(start <= included <= end for start, end in periods[one["individual"]["reference"]])
        born = target(one["individual"]).get("birthDate", "1900")
        assert included.year - int(born[:4]) >= 18


def test_no_minor_is_included_though_cohorts_have_some():
    minors = 0
    for block in full_blocks():
        joined = participations(block)
        age = completed_years(block.people.birth[joined.person], joined.since // DAY)
        youngest = np.array([int(row["age_min"]) for row in STUDIES])[joined.study]
        assert (age >= youngest).all()
        minors += sum((one.belongs(block) & (block.people.age < 18)).sum() for one in COHORTS)
    assert minors > 20


def test_the_deceased_are_off_study_and_only_the_present_have_no_end():
    for one in named("subject"):
        dead = "deceasedDateTime" in target(one["individual"])
        assert one["status"] in ({"off-study", "withdrawn"} if dead else {"on-study", "withdrawn"})
        assert ("end" in one["period"]) == (one["status"] != "on-study")
        if "end" in one["period"]:
            assert instant(one["period"]["start"]) <= instant(one["period"]["end"]) <= PLAN.now


def test_every_study_names_a_cohort_that_exists_and_began_before_the_year():
    assert {row["cohorte"] for row in STUDIES} <= {one.name for one in COHORTS}
    assert all(one["period"]["start"] < "2022-06" for one in named("etude"))
    assert len(named("etude")) == len(STUDIES) == 5
