"""Emergency teams: who is on duty now, and that those on duty at the time took care of each visit."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hospital_reading import code_of, instant

from synthetic_data.clock import at
from synthetic_data.plan import HospitalPlan
from synthetic_data.staff import practitioner_roles, shift_at


def on_duty(hospital, site):
    return [
        one
        for one in hospital.of_type("PractitionerRole")
        if {"reference": f"Location/loc-urg-{site}"} in one.get("location", [])
    ]


@pytest.mark.parametrize("site", ["purpan", "rangueil"])
def test_the_roles_at_an_emergency_location_are_the_team_on_duty(hospital, site):
    team = on_duty(hospital, site)
    functions = Counter(code_of(one["code"][0]) for one in team)
    assert functions == {"urgentiste": 3, "interne": 1, "iao": 1, "infirmier": 3}
    for one in team:
        assert instant(one["period"]["start"]) <= hospital.plan.now < instant(one["period"]["end"])
        (hours,) = one["availableTime"]
        assert hours["daysOfWeek"] == ["thu"]
        assert hours["availableStartTime"] <= "10:00:00" <= hours["availableEndTime"]


def test_nobody_is_on_duty_at_two_sites(hospital):
    teams = [
        {one["practitioner"]["reference"] for one in on_duty(hospital, site)}
        for site in ("purpan", "rangueil")
    ]
    assert not teams[0] & teams[1]


def test_visits_of_the_present_shift_were_taken_by_the_team_on_duty(hospital):
    checked = 0
    for site in ("purpan", "rangueil"):
        team = {one["practitioner"]["reference"]: code_of(one["code"][0]) for one in on_duty(hospital, site)}
        start = instant(on_duty(hospital, site)[0]["period"]["start"])
        for one in hospital.encounters("EMER"):
            here = one["location"][0]["location"]["reference"].endswith(site)
            if here and instant(one["period"]["start"]) >= start:
                functions = [team[who["individual"]["reference"]] for who in one["participant"]]
                assert functions == ["urgentiste", "iao"]
                checked += 1
    assert checked > 5


def test_everyone_holds_one_post_with_a_specialty_when_a_specialist(hospital):
    posts = [one for one in hospital.of_type("PractitionerRole") if "period" not in one]
    holders = [one["practitioner"]["reference"] for one in posts]
    assert sorted(holders) == sorted(f"Practitioner/{one['id']}" for one in hospital.of_type("Practitioner"))
    for one in posts:
        specialist = code_of(one["code"][0]) in ("urgentiste", "praticien")
        assert ("specialty" in one) == specialist


@pytest.mark.parametrize(
    ("now", "start", "end", "days"),
    [
        (datetime(2023, 6, 15, 7, tzinfo=UTC), (15, 8), (15, 20), ["thu"]),
        (datetime(2023, 6, 15, 20, tzinfo=UTC), (15, 20), (16, 8), ["thu", "fri"]),
        (datetime(2023, 6, 15, 1, tzinfo=UTC), (14, 20), (15, 8), ["wed", "thu"]),
    ],
)
def test_shifts_change_at_8_and_20(now, start, end, days):
    shift = shift_at(now)
    assert (shift.start, shift.end) == (
        at(datetime(2023, 6, start[0], tzinfo=UTC).date(), start[1]),
        at(datetime(2023, 6, end[0], tzinfo=UTC).date(), end[1]),
    )
    roles = [one for one in practitioner_roles(HospitalPlan(now=now)) if "period" in one]
    assert [hours["daysOfWeek"][0] for hours in roles[0]["availableTime"]] == days


def test_teams_take_turns():
    noon = datetime(2023, 6, 15, 12, tzinfo=UTC)
    assert {shift_at(noon + timedelta(hours=12 * rank)).team for rank in range(4)} == {0, 1, 2, 3}
