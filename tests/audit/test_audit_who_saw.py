"""Who saw whom, by ``lab audit``, is what the applications were really given."""

import json
import random

import pytest
from audit_hospital import COHORT, patients_of

from lab.audit.who_saw import Question, who_saw


@pytest.fixture(scope="module")
def given(audited, callers):
    """For each patient, how many answers to each application carried it; and the events of just these."""
    addresses, _, trail = audited
    before = len(trail.events())
    draw = random.Random(5)  # noqa: S311 - requests, not secrets
    patients = sorted(p for group in addresses.groups.values() for p in group)
    found = {}
    for _ in range(60):
        client = draw.choice(["full", "masked"])
        patient = draw.choice(patients)
        path = draw.choice(
            [
                f"Patient/{patient}",
                f"Patient?_id={patient}",
                f"Observation?patient={patient}&_count=3",
                f"Encounter?subject=Patient/{patient}&_include=Encounter:subject",
                "Encounter?_count=4",
                f"Patient?gender={draw.choice(['male', 'female'])}&_count=3",
                f"Patient?address=Toulouse&_id={patient}",
            ]
        )
        answer = callers[client].get(path)
        shown = patients_of(answer.json()) if answer.status_code == 200 else set()
        for one in shown:
            counts = found.setdefault(one.removeprefix("Patient/"), {})
            counts[client] = counts.get(client, 0) + 1
    assert len(found) > 10
    return found, trail.events()[before:]


def told(lab, trail, *options):
    return json.loads(lab("audit", str(trail.folder), "--json", *options).stdout)


def test_every_access_is_told_and_no_other(given, audited):
    found, events = given
    everybody = {p for group in audited[0].groups.values() for p in group} | found.keys()
    for patient in everybody:
        account = who_saw(events, Question(patient))
        assert {a.client: a.requests for a in account.seen.values()} == found.get(patient, {}), patient


def test_the_command_tells_first_last_types_purposes_and_addresses(given, lab, trail):
    patient, counts = max(given[0].items(), key=lambda item: sum(item[1].values()))
    answer = told(lab, trail, "--patient", patient)
    assert {one["client"] for one in answer["seen"]} >= counts.keys()
    for one in answer["seen"]:
        assert one["first"] <= one["last"]
        assert one["purposes"] == ["TREAT"]
        assert one["addresses"] == ["127.0.0.1"]
        assert set(one["types"]) <= {"Patient", "Observation", "Encounter", "$export-file", ""}


def test_attempts_stand_apart(given, callers, lab, trail, outside):
    del given
    callers["masked"].get(f"Patient/{outside}")
    (one,) = told(lab, trail, "--patient", outside, "--client", "masked", "--refused")["tried"]
    assert 4 in one["levels"]
    seen = told(lab, trail, "--patient", outside, "--client", "masked")
    assert seen["seen"] == []
    assert told(lab, trail, "--refused")["seen"] == []


def test_since_leaves_out_what_came_before(given, lab, trail):
    del given
    assert told(lab, trail, "--since", "2199-01-01")["seen"] == []
    assert told(lab, trail, "--since", "2001-01-01T00:00:00Z")["seen"]


def test_a_member_of_the_cohort_is_seen_by_those_who_read_it(audited, callers, lab, trail):
    patient = audited[0].groups[COHORT][-1]
    callers["masked"].get(f"Patient/{patient}")
    finished = lab("audit", str(trail.folder), "--patient", f"Patient/{patient}", LAB_LANG="fr")
    assert finished.returncode == 0
    assert "Ont vu" in finished.stdout
    assert "masked" in finished.stdout
