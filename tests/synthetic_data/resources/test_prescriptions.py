"""Prescriptions: what the tables allow, nothing that the patient must not take, the usual treatments."""

from collections import Counter, defaultdict
from dataclasses import replace

import numpy as np
import pytest
from care_hospital import PLAN, bounds, encounter, instant, named, target
from order_hospital import SUBSTANCE, full_blocks, prescribed

from synthetic_data.facts import prescriptions
from synthetic_data.facts.clock import DAY, completed_years
from synthetic_data.facts.diagnoses import CODES, starting_with
from synthetic_data.facts.episodes import EMERGENCY_VISIT, STAY
from synthetic_data.facts.formulary import HABITS, MEDICINES, habits
from synthetic_data.facts.journeys import NONE
from synthetic_data.tables import table

VENUES = {"IMP": "sejour", "SS": "jour", "EMER": "urgence", "AMB": "consultation"}
SINGLE_CHOICES = {
    "oral anticoagulants": ("B01AA", "B01AF"),
    "P2Y12 inhibitors": ("B01AC04", "B01AC24"),
    "statins": ("C10AA",),
    "proton pump inhibitors": ("A02BC",),
    "beta-blockers": ("C07AB",),
}
# Known to harm the unborn child, whatever our tables say.
TERATOGENIC = (
    "N03AG01", "B01AA", "C09", "C10AA", "L01", "L04AX03", "L04AA06", "M01A", "J01MA", "N05AN01", "H03BB01",
)  # fmt: skip


def dosage(one):
    return one["dosageInstruction"][0]


def test_codes_are_those_of_sure_rows_only():
    assert {row["certitude"] for row in MEDICINES} <= {"S", "A"}
    assert not {"N03AX16", "N03AX12"} & {row["atc"] for row in MEDICINES}


def test_each_prescription_is_a_row_of_the_table_for_that_venue_and_diagnosis():
    rows = defaultdict(list)
    for row, habit in zip(HABITS, habits(), strict=True):
        written = {habit.text, replace(habit, days=None).text} if habit.long_term else {habit.text}
        for text in written:
            rows[f"med-{row['medicament'].lower()}", text].append(row)
    for one in named("medreq"):
        visited = encounter(one)
        found = rows[one["medicationReference"]["reference"].partition("/")[2], dosage(one)["text"]]
        venue = VENUES[visited["class"]["code"]]
        assert any(venue in row["venues"].split() for row in found), one["id"]
        reason = one["reasonCode"][0]
        if "coding" in reason:
            code = reason["coding"][0]["code"]
            direct = any(code.startswith(tuple(row["diagnostics"].split())) for row in found)
            ill = any(row["etats"] for row in found) and venue == "sejour"
            assert direct or ill, one["id"]
        else:
            assert reason["text"] in {row["motif"] for row in found if row["diagnostics"] == "*"}


def test_the_doctor_in_charge_prescribes_inside_the_encounter():
    for one in named("medreq"):
        visited = encounter(one)
        start, end = bounds(visited)
        assert start <= instant(one["authoredOn"]) <= end, one["id"]
        assert one["subject"] == visited["subject"]
        assert one["requester"] in [taking["individual"] for taking in visited["participant"]]


def test_a_prescription_is_active_as_long_as_it_lasts_and_the_patient_lives():
    statuses = Counter()
    for one in named("medreq"):
        visited = encounter(one)
        days = dosage(one)["timing"]["repeat"].get("boundsDuration", {}).get("value", 0)
        if visited["class"]["code"] == "IMP" or not days:
            lasts = visited["status"] == "in-progress"
        else:
            lasts = (PLAN.now - instant(one["authoredOn"])).total_seconds() < days * 86_400
        alive = "deceasedDateTime" not in target(one["subject"])
        assert one["status"] == ("active" if lasts and alive else "completed"), one["id"]
        statuses[one["status"]] += 1
    assert set(statuses) == {"active", "completed"}


def test_a_long_term_treatment_has_a_length_outside_the_hospital_only():
    seen = Counter()
    for one in named("medreq"):
        if one["courseOfTherapyType"]["coding"][0]["code"] == "continuous":
            staying = encounter(one)["class"]["code"] == "IMP"
            assert ("boundsDuration" in dosage(one)["timing"]["repeat"]) == (not staying), one["id"]
            assert ("pendant" in dosage(one)["text"]) == (not staying)
            seen[staying] += 1
    assert set(seen) == {True, False}


def test_the_rhythm_and_the_units_can_be_computed():
    for one in named("medreq"):
        repeat = dosage(one)["timing"]["repeat"]
        single = repeat.get("count") == 1 and "frequency" not in repeat
        assert single or {"frequency", "period", "periodUnit"} <= set(repeat)
        quantity = dosage(one)["doseAndRate"][0]["doseQuantity"]
        assert quantity["value"] > 0
        assert quantity["system"] == "http://unitsofmeasure.org"
        assert quantity["code"].isascii()


def test_no_substance_twice_and_one_of_each_exclusive_class_at_an_encounter():
    for block in full_blocks():
        found = Counter((episode, atc) for _, episode, atc in prescribed(block))
        assert max(found.values()) == 1
        for name, prefixes in SINGLE_CHOICES.items():
            classes = Counter(episode for _, episode, atc in prescribed(block) if atc.startswith(prefixes))
            assert classes, name
            assert max(classes.values()) == 1, name


def test_an_allergy_rules_out_its_class_of_medicines():
    refused = {row["code"]: tuple(row["atc_exclus"].split()) for row in table("allergies")}
    given = defaultdict(set)
    for one in named("medreq"):
        atc = target(one["medicationReference"])["code"]["coding"][0]["code"]
        given[one["subject"]["reference"]].add(atc)
    for one in named("allergy"):
        if one["clinicalStatus"]["coding"][0]["code"] == "active":
            prefixes = refused[one["code"]["coding"][0]["code"]]
            assert not any(atc.startswith(prefixes) for atc in given[one["patient"]["reference"]])


def test_people_allergic_to_penicillin_receive_other_antibiotics():
    penicillins = others = from_the_rest = 0
    rank = [row["code"] for row in table("allergies")].index("J01C")
    for block in full_blocks():
        known = block.allergies
        allergic = set(known.person[(known.allergy == rank) & known.active].tolist())
        for person, _, atc in prescribed(block):
            if atc.startswith("J01C"):
                penicillins += person in allergic
                from_the_rest += person not in allergic
            elif atc.startswith("J01"):
                others += person in allergic
    assert penicillins == 0
    assert others > 0
    assert from_the_rest > 100


def test_nothing_that_harms_an_unborn_child_is_given_in_a_pregnancy():
    during = elsewhere = 0
    for block in full_blocks():
        episodes = block.episodes
        deliveries = np.flatnonzero(
            (episodes.kind == STAY) & starting_with("O60", "O80", "O82")[episodes.diagnosis]
        )
        windows = {
            int(episodes.person[row]): (episodes.start[row] - 270 * DAY, episodes.end[row])
            for row in deliveries
        }
        for person, episode, atc in prescribed(block):
            first, last = windows.get(person, (0, -1))
            if first <= episodes.start[episode] <= last:
                during += 1
                assert not atc.startswith(TERATOGENIC)
            else:
                elsewhere += atc.startswith(TERATOGENIC)
    assert during > 30
    assert elsewhere > 500


def test_children_never_receive_aspirin_and_always_smaller_doses():
    grown, small = defaultdict(float), defaultdict(float)
    for block in full_blocks():
        made, episodes = block.prescriptions, block.episodes
        born = block.people.birth[episodes.person[made.episode]]
        age = completed_years(born, episodes.start[made.episode] // DAY)
        assert not (np.char.startswith(SUBSTANCE[made.habit], "B01AC06") & (age < 18)).any()
        for habit, years in zip(made.habit.tolist(), age.tolist(), strict=True):
            one = habits()[habit]
            key = MEDICINES[one.medicine]["atc"], one.ucum
            if years >= 18:
                grown[key] = max(grown[key], one.dose)
            elif years < 12:
                small[key] = max(small[key], one.dose)
    weighed = {key for key in small if key in grown and "{" not in key[1]} - {("R03AK07", "ug")}
    assert len(weighed) > 4
    assert {key for key in weighed if small[key] > grown[key]} == set()
    assert small["N02BE01", "mg"] <= 400  # for people who take 1 g later


def test_a_row_without_ages_still_respects_those_of_its_medicine(monkeypatch):
    unlimited = tuple({**row, "age_min": "", "age_max": ""} for row in HABITS)
    monkeypatch.setattr(prescriptions, "HABITS", unlimited)
    youngest = [int(MEDICINES[one.medicine]["age_min"] or 0) for one in habits()]
    assert max(youngest) >= 18
    for rank, age in enumerate(youngest):
        allowed = prescriptions.law_of.__wrapped__(rank).ages
        assert not allowed[:, :age].any()
        assert allowed[:, age:].any()


@pytest.mark.parametrize(
    ("state", "prefixes"),
    [
        ("insuffisance_renale", ("M01A", "A10BA02", "J01GB", "B01AB05")),
        ("dialyse", ("M01A", "A10BA02", "B01AF02", "A12BA01", "B01AB05")),
        ("asthme", ("C07A",)),
        ("epilepsie", ("N02AX02", "N02BG06", "J01MA")),
        ("cirrhose", ("M01A", "C10AA")),
        ("coronarien", ("N02CC",)),
    ],
)
def test_a_disease_rules_out_what_makes_it_worse(state, prefixes):
    ill, found = 0, []
    for block in full_blocks():
        having = block.people.health.state(state)
        for person, _, atc in prescribed(block):
            ill += having[person]
            if having[person] and atc.startswith(prefixes):
                found.append((person, atc))
    assert ill > 20
    assert found == []


@pytest.mark.parametrize(
    ("state", "codes", "prefixes", "least"),
    [
        ("hypothyroidie", "", ("H03AA01",), 0.85),
        ("fibrillation", "", ("B01AA", "B01AF", "B01AB"), 0.75),
        ("hypertension", "", ("C08", "C09", "C03", "C07"), 0.7),
        ("parkinson", "", ("N04BA02",), 0.6),
        ("", "J18", ("J01",), 0.75),
        ("", "A41", ("J01",), 0.85),
        ("", "I21", ("B01AC",), 0.75),
        ("", "I26", ("B01A",), 0.85),
        ("", "O82", ("H01BB02",), 0.8),
        ("", "Z38", ("B02BA01",), 0.9),
    ],
)
def test_stays_with_nights_carry_the_usual_treatment(state, codes, prefixes, least):
    total = treated = 0
    for block in full_blocks():
        episodes = block.episodes
        chosen = (episodes.kind == STAY) & (episodes.nights > 0)
        if state:
            chosen &= block.people.health.state(state)[episodes.person]
        if codes:
            chosen &= starting_with(codes)[episodes.diagnosis]
        stays = set(np.flatnonzero(chosen).tolist())
        total += len(stays)
        treated += len(stays & {episode for _, episode, atc in prescribed(block) if atc.startswith(prefixes)})
    assert total > 5
    assert treated / total >= least


def test_a_person_keeps_the_same_statin_all_year():
    for block in full_blocks():
        found = defaultdict(set)
        for person, _, atc in prescribed(block):
            if atc.startswith("C10AA"):
                found[person].add(atc)
        assert max(map(len, found.values())) == 1


def test_insulin_is_for_diabetics_and_chemotherapy_for_cancers():
    for block in full_blocks():
        health, episodes = block.people.health, block.episodes
        for person, episode, atc in prescribed(block):
            code = CODES[episodes.diagnosis[episode]]
            if atc.startswith("A10A"):
                assert health.state("diabete")[person] or code.startswith(("O24", "E10", "E11"))
            if atc.startswith("L01"):
                assert health.state("cancer")[person]
                assert code == "Z51.1"


def test_the_reason_of_a_continued_treatment_is_a_disease_of_the_person():
    continued = 0
    for block in full_blocks():
        made, episodes = block.prescriptions, block.episodes
        other = np.flatnonzero((made.reason != NONE) & (made.reason != episodes.diagnosis[made.episode]))
        for row in other.tolist():
            person = episodes.person[made.episode[row]]
            known = block.people.health.having(CODES[made.reason[row]])
            assert known[person]
            assert episodes.kind[made.episode[row]] == STAY
            continued += 1
    assert continued > 1000


def test_volumes_are_those_announced():
    for block in full_blocks():
        assert 5_500 < len(block.prescriptions) < 8_000
        assert 3_200 < len(block.administrations) < 5_500
        visits = block.episodes.kind[block.prescriptions.episode] == EMERGENCY_VISIT
        assert 400 < visits.sum() < 1_300


def test_first_doses_follow_their_prescription_in_the_stay():
    doses = defaultdict(list)
    for one in named("medadm"):
        request, visited = target(one["request"]), target(one["context"])
        start, end = bounds(visited)
        given = instant(one["effectiveDateTime"])
        assert visited["class"]["code"] == "IMP"
        assert request["encounter"] == one["context"]
        assert request["subject"] == one["subject"]
        assert request["medicationReference"] == one["medicationReference"]
        assert max(start, instant(request["authoredOn"])) < given <= end
        assert (given - instant(request["authoredOn"])).total_seconds() <= 26 * 3600
        assert one["dosage"]["dose"] == dosage(request)["doseAndRate"][0]["doseQuantity"]
        doses[one["request"]["reference"]].append(given)
    assert {len(times) for times in doses.values()} == {1, 2}
    assert all(times == sorted(times) for times in doses.values())
