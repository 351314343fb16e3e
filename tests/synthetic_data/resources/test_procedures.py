"""Acts: inside their encounter, allowed by the table, with the exact relations that some diagnoses impose."""

from collections import Counter, defaultdict

import numpy as np
import pytest
from care_hospital import bounds, diagnosis, encounter, instant, named, target

from synthetic_data.facts.block import Block
from synthetic_data.facts.diagnoses import CODES
from synthetic_data.facts.episodes import STAY
from synthetic_data.plan import END_OF_2023, HospitalPlan
from synthetic_data.tables import table

ACTS = table("actes")
VENUES = {"IMP": "sejour", "SS": "sejour", "EMER": "urgence", "AMB": "consultation"}


def acts_by_encounter():
    found = defaultdict(list)
    for one in named("proc"):
        found[one["encounter"]["reference"]].append(one["code"]["text"])
    return found


def test_codes_are_those_of_sure_rows_only():
    assert {row["certitude"][:4] for row in ACTS} <= {"S", "A", "none"}
    assert all(row["ccam"] for row in ACTS if row["certitude"] in {"S", "A"})
    sure = {row["ccam"] for row in ACTS if row["ccam"]}
    assert all(one["code"]["coding"][0]["code"] in sure for one in named("proc") if "coding" in one["code"])


def test_each_act_is_one_that_the_table_allows():
    for one in named("proc"):
        visited, patient = encounter(one), target(one["subject"])
        rows = [row for row in ACTS if row["libelle"] == one["code"]["text"]]
        assert any(
            diagnosis(one).startswith(tuple(row["indications"].split()))
            and VENUES[visited["class"]["code"]] in row["venue"].split()
            and row["sexe"] in {"", {"male": "M", "female": "F"}[patient["gender"]]}
            for row in rows
        ), one["id"]


def test_acts_are_inside_their_encounter():
    for one in named("proc"):
        start, end = bounds(encounter(one))
        done = one["performedPeriod"]
        assert start <= instant(done["start"]) <= instant(done["end"]) <= end


def test_acts_last_what_the_table_says_or_all_the_time_there_is():
    bounds_of = defaultdict(list)
    for row in ACTS:
        bounds_of[row["libelle"]].append((int(row["minutes_min"]), int(row["minutes_max"])))
    for one in named("proc"):
        begin, end = (instant(one["performedPeriod"][name]) for name in ("start", "end"))
        minutes = (end - begin).total_seconds() / 60
        usual = any(least <= minutes <= most for least, most in bounds_of[one["code"]["text"]])
        assert usual or (begin, end) == bounds(encounter(one)), one["id"]


def test_an_encounter_has_each_act_once_and_at_most_one_of_those_that_exclude_one_another():
    choices = {row["libelle"]: row["choix"] for row in ACTS if row["choix"]}
    for acts in acts_by_encounter().values():
        assert max(Counter(acts).values()) == 1
        assert max(Counter(choices[act] for act in acts if act in choices).values(), default=0) <= 1


@pytest.mark.parametrize(
    ("code", "act"),
    [
        ("Z49.1", "Séance d'épuration extrarénale par hémodialyse"),
        ("Z51.1", "Administration de chimiothérapie"),
        ("H25.9", "Extraction extracapsulaire du cristallin par phakoémulsification avec implant"),
        ("K63.5", "Exérèse de 1 à 3 polypes du côlon ou rectum par coloscopie"),
    ],
)
def test_a_stay_for_an_act_has_it(code: str, act: str):
    acts = acts_by_encounter()
    stays = [
        one for one in named("enc")
        if one["class"]["code"] in {"IMP", "SS"} and one["status"] == "finished" and diagnosis(one) == code
    ]  # fmt: skip
    assert stays
    assert all(act in acts[f"Encounter/{one['id']}"] for one in stays)


def test_a_delivery_has_one_act_which_ends_at_the_birth_of_the_last_child():
    block = Block(HospitalPlan(patients=2000, now=END_OF_2023, recent=0), 0)
    episodes, done = block.episodes, block.procedures
    births = {}
    for child, mother in enumerate(episodes.mother):
        if mother >= 0:
            births[mother] = max(births.get(mother, 0), block.people.seen_from[child])
    deliveries = [
        row for row in range(len(episodes))
        if episodes.kind[row] == STAY and CODES[episodes.diagnosis[row]].startswith(("O60", "O80", "O82"))
    ]  # fmt: skip
    assert len(deliveries) > 10
    obstetric = [rank for rank, row in enumerate(ACTS) if row["choix"] == "accouchement"]
    for row in deliveries:
        rows = np.flatnonzero((done.episode == row) & np.isin(done.act, obstetric))
        assert done.end[rows].tolist() == [births[episodes.person[row]]]
        assert 20 <= (done.end - done.start)[rows[0]] <= 120


def test_planned_surgery_is_done_by_day():
    hours = [
        instant(one["performedPeriod"]["start"]).hour
        for one in named("proc") if one["category"]["text"] == "Acte chirurgical"
    ]  # fmt: skip
    assert sum(8 <= hour < 19 for hour in hours) / len(hours) > 0.85


def test_the_doctor_of_the_encounter_performs_it():
    for one in named("proc"):
        doctors = [person["individual"] for person in encounter(one)["participant"]]
        assert one["performer"][0]["actor"] in doctors
