"""Groups hold exactly the patients that the rest of the data says, counted here from the resources alone."""

from datetime import timedelta

import pytest
from hospital_reading import code_of, instant


def latest_recent_visits(hospital):
    """The site of the last emergency visit of each patient who came in the last 24 hours."""
    sites = {}
    for one in sorted(hospital.encounters("EMER"), key=lambda one: instant(one["period"]["start"])):
        if instant(one["period"]["start"]) >= hospital.plan.now - timedelta(hours=24):
            sites[one["subject"]["reference"]] = one["location"][0]["location"]["reference"].rpartition("-")[
                2
            ]
    return sites


def with_condition(hospital, *prefixes):
    return {
        one["subject"]["reference"]
        for one in hospital.of_type("Condition")
        if code_of(one["code"]).startswith(prefixes)
    }


def test_the_emergency_group_is_everyone_seen_in_24_hours(hospital):
    assert hospital.members("group-urgences") == set(latest_recent_visits(hospital))
    assert len(hospital.members("group-urgences")) >= 50


def test_site_groups_follow_the_latest_visit_and_are_disjoint(hospital):
    sites = latest_recent_visits(hospital)
    purpan, rangueil = hospital.members("group-urgences-purpan"), hospital.members("group-urgences-rangueil")
    assert purpan == {patient for patient, site in sites.items() if site == "purpan"}
    assert rangueil == {patient for patient, site in sites.items() if site == "rangueil"}
    assert not purpan & rangueil
    assert purpan | rangueil == hospital.members("group-urgences")
    assert min(len(purpan), len(rangueil)) > 5


def test_someone_was_seen_at_both_sites_in_24_hours(hospital):
    """Without such a patient, `latest visit` would not be put to the test."""
    visits = {}
    for one in hospital.encounters("EMER"):
        if instant(one["period"]["start"]) >= hospital.plan.now - timedelta(hours=24):
            place = one["location"][0]["location"]["reference"]
            visits.setdefault(one["subject"]["reference"], set()).add(place)
    assert any(len(places) == 2 for places in visits.values())


def test_disease_groups_are_those_who_have_the_disease(hospital):
    assert hospital.members("group-oncologie") == with_condition(hospital, "C")
    assert hospital.members("group-diabete") == with_condition(hospital, "E10", "E11", "E12", "E13", "E14")
    assert min(len(hospital.members(f"group-{cohort}")) for cohort in ("oncologie", "diabete")) > 30


@pytest.mark.parametrize(
    ("cohort", "prefixes"),
    [
        ("traumatisme-cranien", ("S00", "S01", "S06")),
        ("cancer-du-sein", ("C50",)),
        ("lesions-du-col", ("N87", "C53", "D06")),
        ("reanimation", ("J96.0", "A41", "G41")),
    ],
)
def test_diagnosis_groups_are_those_of_whom_it_was_said(hospital, cohort, prefixes):
    """In a condition, or as the reason of an encounter."""
    seen_for = {
        one["subject"]["reference"]
        for one in hospital.encounters("IMP", "SS", "AMB")
        if code_of(one["reasonCode"][0]).startswith(prefixes)
    }
    assert hospital.members(f"group-{cohort}") == with_condition(hospital, *prefixes) | seen_for
    assert hospital.members(f"group-{cohort}")


def test_groups_are_lists_of_people_with_a_french_name(hospital):
    for one in hospital.of_type("Group"):
        assert (one["type"], one["actual"]) == ("person", True)
        assert one["quantity"] == len(one.get("member", [])) == len(hospital.members(one["id"]))
        assert one["name"].startswith(("Patients ", "Patientes "))
        assert all(member["entity"]["reference"].startswith("Patient/") for member in one.get("member", []))
