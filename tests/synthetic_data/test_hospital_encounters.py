"""Encounters fit the life of the patient, the opening hours, the duty rota and one another."""

from collections import defaultdict
from datetime import date, timedelta
from itertools import pairwise

from hospital_reading import age_at, code_of, instant


def test_encounters_stay_inside_life_and_before_now(hospital):
    for one in hospital.visits:
        patient = hospital.patient(one)
        start, end = (
            instant(one["period"]["start"]),
            instant(one["period"].get("end", one["period"]["start"])),
        )
        birth = patient.get("birthDate", "")
        assert one["period"]["start"][: len(birth)] >= birth
        assert start <= end <= hospital.plan.now
        if "deceasedDateTime" in patient:
            assert end <= instant(patient["deceasedDateTime"])
            assert one["status"] == "finished"


def test_a_patient_is_never_in_two_places(hospital):
    periods = defaultdict(list)
    for one in hospital.visits:
        end = one["period"].get("end")
        periods[one["subject"]["reference"]].append(
            (instant(one["period"]["start"]), instant(end) if end else hospital.plan.now)
        )
    for spans in periods.values():
        ordered = sorted(spans)
        assert all(before[1] <= after[0] for before, after in pairwise(ordered))


def test_status_says_whether_the_encounter_is_over(hospital):
    assert {one["status"] for one in hospital.visits} == {"finished", "in-progress"}
    for one in hospital.visits:
        assert ("end" in one["period"]) == (one["status"] == "finished")
        disposition = one.get("hospitalization", {}).get("dischargeDisposition")
        if one["class"]["code"] != "AMB":
            assert (disposition is not None) == (one["status"] == "finished")


def test_some_people_are_in_the_emergency_department_now_and_others_have_left(hospital):
    recent = [
        one
        for one in hospital.encounters("EMER")
        if instant(one["period"]["start"]) >= hospital.plan.now - timedelta(hours=24)
    ]
    patients = {one["subject"]["reference"] for one in recent}
    assert 50 <= len(patients) <= 60  # 5 % of them, and those of an ordinary day
    assert {one["status"] for one in recent} == {"finished", "in-progress"}
    old = [one for one in hospital.encounters("EMER") if one not in recent]
    assert {one["status"] for one in old} == {"finished"}


def test_consultations_keep_opening_hours(hospital):
    holidays = {(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)}
    for one in hospital.encounters("AMB"):
        start = instant(one["period"]["start"])
        assert start.weekday() < 5
        assert 8 <= start.hour <= 17
        assert (start.month, start.day) not in holidays


def test_the_year_is_covered(hospital):
    for codes in (("IMP", "SS"), ("AMB",), ("EMER",)):
        months = {one["period"]["start"][:7] for one in hospital.encounters(*codes)}
        assert len(months) >= 12


def test_emergency_visits_say_where_why_how_urgent_and_who(hospital):
    for one in hospital.encounters("EMER"):
        (place,) = one["location"]
        site = place["location"]["reference"]
        assert site in ("Location/loc-urg-purpan", "Location/loc-urg-rangueil")
        assert hospital.target(one["serviceProvider"])["name"].startswith("Urgences")
        assert hospital.target(place["location"])["managingOrganization"] == one["serviceProvider"]
        assert one["reasonCode"][0]["text"]
        assert code_of(one["priority"]) in ("EM", "UR", "R")
        assert [code_of(who["type"][0]) for who in one["participant"]] == ["ATND", "ADM"]


def test_stays_are_in_a_ward_of_a_functional_unit(hospital):
    for one in hospital.encounters("IMP", "SS"):
        unit = hospital.target(one["serviceProvider"])
        assert code_of(unit["type"][0]) == "UF"
        assert (
            hospital.target(one["location"][0]["location"])["managingOrganization"] == one["serviceProvider"]
        )
        kind = "hospitalisation" if one["class"]["code"] == "IMP" else ("hospitalisation", "hôpital de jour")
        assert any(word in unit["name"] for word in ([kind] if isinstance(kind, str) else kind))


def test_full_stays_last_at_least_one_night_and_day_stays_none(hospital):
    for one in hospital.encounters("IMP", "SS"):
        if one["status"] == "finished":
            first, last = (date.fromisoformat(one["period"][side][:10]) for side in ("start", "end"))
            died = code_of(one["hospitalization"]["dischargeDisposition"]) == "exp"
            assert died or (last > first) == (one["class"]["code"] == "IMP"), one["id"]


def test_admission_follows_a_visit_of_the_same_patient(hospital):
    admitted = [one for one in hospital.encounters("IMP") if "origin" in one.get("hospitalization", {})]
    assert admitted
    visits = {
        (one["subject"]["reference"], one["period"].get("end")): one for one in hospital.encounters("EMER")
    }
    for stay in admitted:
        left = instant(stay["period"]["start"]) - timedelta(minutes=15)
        (visit,) = [
            one
            for (patient, end), one in visits.items()
            if patient == stay["subject"]["reference"] and end and instant(end) == left
        ]
        assert visit["location"][0]["location"] == stay["hospitalization"]["origin"]


def test_babies_born_this_year_with_a_stay_were_born_here(hospital):
    born = [one for one in hospital.encounters("IMP") if code_of(one["type"][0]) == "N"]
    assert born
    for one in born:
        assert one["period"]["start"].startswith(hospital.patient(one).get("birthDate", ""))
        assert code_of(one["reasonCode"][0]) in ("Z38.0", "P07.3", "P22.0")


def test_winter_and_summer_time_are_those_of_paris(hospital):
    for one in hospital.visits:
        start = one["period"]["start"]
        month = int(start[5:7])
        if month in (11, 12, 1, 2):
            assert start.endswith("+01:00")
        elif 4 <= month <= 9:
            assert start.endswith("+02:00")


def test_a_visit_in_progress_has_a_provisional_diagnosis(hospital):
    for one in hospital.of_type("Condition"):
        undecided = "encounter" in one and (
            hospital.target(one["encounter"])["status"] == "in-progress"
            and hospital.target(one["encounter"])["class"]["code"] == "EMER"
        )
        assert (code_of(one["verificationStatus"]) == "provisional") == undecided


def test_the_marginals_of_the_year_are_near_the_published_ones(hospital):
    """Wide bands: 49 % of stays without a night, 36-41 % of visits for trauma, 25 % of them at night."""
    stays = hospital.encounters("IMP", "SS")
    visits = hospital.encounters("EMER")
    assert 0.40 < sum(one["class"]["code"] == "SS" for one in stays) / len(stays) < 0.58
    trauma = sum(code_of(one["reasonCode"][0]).startswith(("TRAUMA", "PLAIE", "CHUTE")) for one in visits)
    assert 0.30 < trauma / len(visits) < 0.47
    night = sum(not 8 <= instant(one["period"]["start"]).hour < 20 for one in visits)
    assert 0.20 < night / len(visits) < 0.36


def test_ages_are_those_of_the_stays(hospital):
    ages = [age_at(hospital.patient(one), one["period"]["start"]) for one in hospital.encounters("IMP", "SS")]
    assert 45 < sum(ages) / len(ages) < 70
