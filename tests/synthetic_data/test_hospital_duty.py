"""Emergency teams: who is on duty now, and that those on duty at the time took care of each visit."""

from collections import Counter

import pytest
from hospital_reading import code_of, instant


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
