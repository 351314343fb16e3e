"""Groups hold exactly the patients that the rest of the data says, counted here from the resources alone."""

from datetime import timedelta

from hospital_reading import code_of, instant

from synthetic_data import HospitalPlan
from synthetic_data.activity import Activity
from synthetic_data.agenda import draw_episodes
from synthetic_data.cohorts import groups
from synthetic_data.population import draw_people


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
    assert len(hospital.members("group-urgences")) == 50


def test_site_groups_follow_the_latest_visit_and_are_disjoint(hospital):
    sites = latest_recent_visits(hospital)
    purpan, rangueil = hospital.members("group-urgences-purpan"), hospital.members("group-urgences-rangueil")
    assert purpan == {patient for patient, site in sites.items() if site == "purpan"}
    assert rangueil == {patient for patient, site in sites.items() if site == "rangueil"}
    assert not purpan & rangueil
    assert purpan | rangueil == hospital.members("group-urgences")
    assert min(len(purpan), len(rangueil)) > 10


def test_someone_was_seen_at_both_sites_in_24_hours(hospital):
    """Without such a patient, `latest visit` would not be put to the test."""
    visits = {}
    for one in hospital.encounters("EMER"):
        if instant(one["period"]["start"]) >= hospital.plan.now - timedelta(hours=24):
            place = one["location"][0]["location"]["reference"]
            visits.setdefault(one["subject"]["reference"], set()).add(place)
    assert any(len(places) == 2 for places in visits.values())


def test_a_visit_of_25_hours_ago_is_no_longer_recent():
    plan = HospitalPlan(seed=5, patients=30)
    later = HospitalPlan(seed=5, patients=30, now=plan.now + timedelta(hours=25))
    people = list(draw_people(plan))
    episodes = [
        one
        for person in people
        for one in draw_episodes(plan, person, Activity(0, 0, 1, recent=True), 1)
        if one.kind == "emergency"
    ]
    assert next(groups(plan, people, episodes))["quantity"] == len({one.person.id for one in episodes})
    assert next(groups(later, people, episodes))["quantity"] == 0


def test_disease_groups_are_those_who_have_the_disease(hospital):
    assert hospital.members("group-oncologie") == with_condition(hospital, "C")
    assert hospital.members("group-diabete") == with_condition(hospital, "E10", "E11", "E12", "E13", "E14")
    assert min(len(hospital.members(f"group-{cohort}")) for cohort in ("oncologie", "diabete")) > 30


def test_groups_are_lists_of_people_with_a_french_name(hospital):
    for one in hospital.of_type("Group"):
        assert (one["type"], one["actual"]) == ("person", True)
        assert one["quantity"] == len(one["member"]) == len(hospital.members(one["id"]))
        assert one["name"].startswith("Patients ")
        assert all(member["entity"]["reference"].startswith("Patient/") for member in one["member"])
