"""Every hard case listed is really in the rendered resources, at three sizes, and changes no volume."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any

import pytest

from lab.validation.check import check
from lab.validation.fast import defects
from synthetic_data import HospitalPlan, generate
from synthetic_data.facts.block import Block
from synthetic_data.facts.episodes import STAY
from synthetic_data.facts.hard_cases import HardCase, hard_cases
from synthetic_data.facts.volumes import CORE, share, totals
from synthetic_data.plan import END_OF_2023
from synthetic_data.tables import table

Resource = dict[str, Any]
SD = "https://hl7.fr/ig/fhir/core/StructureDefinition/"
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
INS = "urn:oid:1.2.250.1.213.1.4.10"
READ = {"Patient", "Encounter", "Condition", "Observation", "ImagingStudy"}
STAYS = {"IMP", "SS"}


class Hospital:
    """The resources that the hard cases are about, by patient."""

    def __init__(self, patients: int, now: datetime | None = None) -> None:
        self.plan = (
            HospitalPlan(patients=patients) if now is None else HospitalPlan(patients=patients, now=now)
        )
        self.kept = [one for one in generate(self.plan) if one["resourceType"] in READ]

    @cached_property
    def patients(self) -> dict[str, Resource]:
        """Give the patients by identifier."""
        return {one["id"]: one for one in self.kept if one["resourceType"] == "Patient"}

    @cached_property
    def encounters(self) -> dict[str, list[Resource]]:
        """Give the encounters by patient, in order, movements left out."""
        found = defaultdict(list)
        for one in self.kept:
            if one["resourceType"] == "Encounter" and "partOf" not in one:
                found[one["subject"]["reference"].removeprefix("Patient/")].append(one)
        return {
            who: sorted(all_, key=lambda one: instant(one["period"]["start"])) for who, all_ in found.items()
        }

    def stays(self, patient: str) -> list[Resource]:
        """Give the stays of a patient, in order."""
        return [one for one in self.encounters.get(patient, []) if one["class"]["code"] in STAYS]

    @cached_property
    def cases(self) -> dict[str, HardCase]:
        """Give the listed cases by name."""
        return {one.name: one for one in hard_cases(self.plan)}

    def of(self, case: str) -> list[Resource]:
        """Give the patients of a case."""
        return [self.patients[who] for who in self.cases[case].patients]

    def only(self, case: str) -> Resource:
        """Give the one patient of a case."""
        (patient,) = self.of(case)
        return patient


@pytest.fixture(scope="module", params=["450", "1000", "4500", "450 at the end of 2023"])
def hospital(request) -> Hospital:
    patients, *at_the_end = request.param.split(maxsplit=1)
    return Hospital(int(patients), END_OF_2023 if at_the_end else None)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def official(patient: Resource) -> Resource:
    return next(name for name in patient["name"] if name["use"] == "official")


def ins(patient: Resource) -> str | None:
    return next((one["value"] for one in patient["identifier"] if one["system"] == INS), None)


def statuses(patient: Resource) -> list[str]:
    return [
        part["valueCoding"]["code"]
        for one in patient["extension"]
        if one["url"] == SD + "fr-core-identity-reliability"
        for part in one["extension"]
        if part["url"] == "identityStatus"
    ]


def birth_place(patient: Resource) -> Resource:
    return next(
        one["valueAddress"] for one in patient["extension"] if one["url"].endswith("patient-birthPlace")
    )


def age(patient: Resource, now: datetime) -> int:
    year, month, day = map(int, patient["birthDate"].split("-"))
    return now.year - year - ((now.month, now.day) < (month, day))


def test_all_the_cases_are_listed(hospital):
    expected = {row["cas"] for row in table("cas_difficiles")}
    acts_needed = hospital.plan.patients > 2000
    assert expected - set(hospital.cases) == (set() if acts_needed else {"mille_analyses"})
    for case in hospital.cases.values():
        assert all((case.title_fr, case.title_en, case.why_fr, case.why_en))
        assert set(case.patients) <= set(hospital.patients)


def test_leap_days_and_the_eldest(hospital):
    for case in ("enfant", "adulte", "age"):
        assert hospital.only(f"ne_un_29_fevrier_{case}")["birthDate"].endswith("-02-29")
    assert age(hospital.only("age_106"), hospital.plan.now) == 106
    assert "deceasedDateTime" not in hospital.only("age_106")
    assert age(hospital.only("mineur"), hospital.plan.now) < 18
    assert "contact" in hospital.only("mineur")


def test_birth_places_are_written_in_the_ins_as_the_registers_do(hospital):
    south, north = hospital.only("corse_du_sud"), hospital.only("haute_corse")
    old, abroad, overseas = map(hospital.only, ("corse_avant_1976", "ne_a_l_etranger", "ne_outre_mer"))
    commune = {one["id"]: birth_place(one).get("extension") for one in (old, abroad, overseas)}
    assert ins(south)[5:7] == "2A"
    assert ins(north)[5:7] == "2B"
    assert south["birthDate"] >= "1976" <= north["birthDate"]
    assert ins(old)[5:7] == "20"
    assert old["birthDate"] < "1976"
    assert commune[old["id"]][0]["valueCoding"]["code"].startswith("2A")
    assert ins(abroad)[5:7] == "99"
    assert commune[abroad["id"]] is None
    assert birth_place(abroad)["country"] != "FR"
    assert ins(overseas)[5:8] == "974"
    assert commune[overseas["id"]][0]["valueCoding"]["code"].startswith("974")


def test_names(hospital):
    cases = ("apostrophe", "trait_d_union", "particule", "diacritiques", "nom_tres_long", "nom_d_une_lettre")
    family = {case: official(hospital.only(case))["family"] for case in (*cases, "anonyme")}
    assert "'" in family["apostrophe"]
    assert "-" in family["trait_d_union"]
    assert family["particule"].startswith("de ")
    with pytest.raises(UnicodeEncodeError):
        family["diacritiques"].encode("latin-1")
    assert len(family["nom_tres_long"]) > 100
    assert len(family["nom_d_une_lettre"]) == 1
    assert family["anonyme"] == "Anonyme"


def test_homonyms_differ_by_their_identifiers_only(hospital):
    one, other = hospital.of("homonymes")
    for name in ("gender", "birthDate"):
        assert one[name] == other[name]
    assert official(one)["family"] == official(other)["family"]
    assert official(one)["given"] == official(other)["given"]
    assert statuses(one) == statuses(other) == ["VALI", "HOMA"]
    assert ins(one) != ins(other)


def test_births_that_are_not_known(hospital):
    unknown, year = hospital.only("naissance_inconnue"), hospital.only("naissance_a_l_annee")
    assert "birthDate" not in unknown
    assert unknown["_birthDate"]["extension"] == [{"url": ABSENT, "valueCode": "unknown"}]
    assert len(year["birthDate"]) == 4
    for patient in (unknown, year, hospital.only("provisoire")):
        assert statuses(patient)[0] == "PROV"
        assert ins(patient) is None
    assert statuses(hospital.only("anonyme")) == ["ANOM"]


@pytest.mark.parametrize(("case", "genders"), [("jumeaux_mixtes", 2), ("jumeaux_semblables", 1)])
def test_twins_have_one_mother_and_one_birth_date(hospital, case, genders):
    mother, *children = hospital.of(case)
    assert len(children) == 2
    assert len({one["birthDate"] for one in children}) == 1
    assert len({one["gender"] for one in children}) == genders
    assert len({official(one)["given"][0] for one in children}) == 2
    assert {official(one)["family"] for one in children} == {official(mother)["family"]}
    births = [instant(hospital.stays(one["id"])[0]["period"]["start"]) for one in children]
    assert abs(births[1] - births[0]) < timedelta(hours=1)
    delivery = [
        (instant(one["period"]["start"]), instant(one["period"]["end"]))
        for one in hospital.stays(mother["id"])
    ]
    assert any(start <= births[0] <= end for start, end in delivery)


def test_very_many_stays_and_none(hospital):
    wanted = share("sejours", hospital.plan.patients, 0) // 4
    stays = hospital.stays(hospital.only("sejours_nombreux")["id"])
    assert len(stays) >= wanted
    assert {one["class"]["code"] for one in stays} == {"SS"}
    assert Counter(one["reasonCode"][0]["coding"][0]["code"] for one in stays)["Z49.1"] > len(stays) / 5
    assert hospital.only("aucun_sejour")["id"] not in hospital.encounters


def test_deaths(hospital):
    patient = hospital.only("deces_a_l_hopital")
    last = hospital.stays(patient["id"])[-1]
    assert last["period"]["end"] == patient["deceasedDateTime"]
    assert last["hospitalization"]["dischargeDisposition"]["coding"][0]["code"] == "exp"
    assert "deceasedDateTime" in hospital.only("decede")


def test_stays_over_both_clock_changes(hospital):
    for case, (month, before, after) in {
        "nuit_de_printemps": (3, "+01:00", "+02:00"), "nuit_d_automne": (10, "+02:00", "+01:00"),
    }.items():  # fmt: skip
        (stay,) = hospital.stays(hospital.only(case)["id"])
        start, end = stay["period"]["start"], stay["period"]["end"]
        assert int(start[5:7]) == month
        assert start.endswith(before)
        assert end.endswith(after)
        sunday = instant(start).date() + timedelta(days=1)
        assert sunday.weekday() == 6
        assert (sunday + timedelta(days=7)).month != month
        assert (
            instant(start).astimezone(UTC)
            < datetime(sunday.year, month, sunday.day, 1, tzinfo=UTC)
            < instant(end)
        )


def test_an_admission_on_the_last_minute_of_a_year(hospital):
    (stay,) = hospital.stays(hospital.only("derniere_minute")["id"])
    assert stay["period"]["start"][4:] == "-12-31T23:59:00+01:00"
    if hospital.plan.now == END_OF_2023:
        assert "end" not in stay["period"]
        assert instant(stay["period"]["start"]) == hospital.plan.now - timedelta(minutes=1)


def test_restricted_and_masked_records(hospital):
    labels = [hospital.only(case)["meta"]["security"][0]["code"] for case in ("restreint", "tres_restreint")]
    assert labels == ["R", "V"]
    for case in ("tres_restreint", "anonyme"):
        patient = hospital.only(case)
        (telecom,), (address,) = patient["telecom"], patient["address"]
        masked = {"extension": [{"url": ABSENT, "valueCode": "masked"}]}
        assert telecom == {"_system": masked, "_value": masked}
        assert address == masked | {"use": "home"}


def test_merged_identities_point_to_one_another_and_the_duplicate_is_empty(hospital):
    patients = hospital.of("identite_fusionnee")
    assert patients
    for survivor, duplicate in zip(patients[::2], patients[1::2], strict=True):
        assert (survivor["active"], duplicate["active"]) == (True, False)
        (replaced,) = duplicate["link"]
        assert replaced == {
            "other": {"reference": f"Patient/{survivor['id']}", "type": "Patient"},
            "type": "replaced-by",
        }
        (replaces,) = survivor["link"]
        assert replaces["type"] == "replaces"
        ipp = next(
            one["value"] for one in duplicate["identifier"] if one["type"]["coding"][0]["code"] == "PI"
        )
        assert replaces["other"]["identifier"]["value"] == ipp
        assert official(survivor)["family"] == official(duplicate)["family"]
        assert survivor["gender"] == duplicate["gender"]
        assert survivor.get("birthDate") == duplicate.get("birthDate")
        assert statuses(duplicate) == ["DESA", "DOUA"]
        assert ins(duplicate) is None
        assert duplicate["id"] not in hospital.encounters
        assert survivor["id"] < duplicate["id"]


def test_a_very_long_text(hospital):
    (who,) = hospital.cases["texte_tres_long"].patients
    (noted,) = [one for one in hospital.kept if "note" in one and one["resourceType"] == "Condition"]
    assert noted["subject"]["reference"] == f"Patient/{who}"
    text = noted["note"][0]["text"]
    assert 20_000 <= len(text) < 20_500
    assert all(mark in text for mark in '<&"«\n\tœ')
    assert defects(noted) == ()
    assert check(noted).findings == ()


def test_over_a_thousand_laboratory_acts_where_volumes_allow(hospital):
    counts = Counter(one["subject"]["reference"][8:] for one in hospital.kept if one["id"].startswith("obs-"))
    over = {who for who, count in counts.items() if count > 1000}
    listed = hospital.cases.get("mille_analyses")
    # Those of the other blocks are hard too, but listed are those of the first one.
    assert (set(listed.patients) if listed else set()) == {who for who in over if int(who[4:]) <= 2000}


def test_volumes_stay_exact(hospital):
    wanted = totals(hospital.plan.patients)
    kinds = Counter(
        one["class"]["code"]
        for one in hospital.kept
        if one["resourceType"] == "Encounter" and "partOf" not in one
    )
    modalities = Counter(
        "PT" if "PT" in (seen := {each["code"] for each in one["modality"]}) else seen.pop()
        for one in hospital.kept
        if one["resourceType"] == "ImagingStudy"
    )
    counted = {
        "sejours": kinds["IMP"] + kinds["SS"],
        "consultations": kinds["AMB"],
        "irm": modalities["MR"],
        "scanner": modalities["CT"],
        "tep": modalities["PT"],
        "analyses": sum(one["id"].startswith("obs-") for one in hospital.kept),
    }
    assert counted == {name: wanted[name] for name in CORE}
    assert kinds["EMER"] == wanted["urgences"]
    assert len(hospital.patients) == hospital.plan.patients


def test_nobody_is_at_two_places_at_once(hospital):
    for encounters in hospital.encounters.values():
        for before, after in pairwise(encounters):
            end = before["period"].get("end")
            assert end is None or instant(end) <= instant(after["period"]["start"])
            assert end is not None or instant(after["period"]["start"]) >= hospital.plan.now


def test_every_patient_is_valid(hospital):
    patients = hospital.patients.values() if hospital.plan.patients < 1000 else [
        hospital.patients[who] for case in hospital.cases.values() for who in case.patients
    ]  # fmt: skip
    for patient in patients:
        assert defects(patient) == (), patient["id"]
        assert check(patient).findings == (), patient["id"]


def test_four_hundred_stays_from_a_fiftieth_of_the_hospital_on():
    plan = HospitalPlan(patients=9000)
    block = Block(plan, 0)
    (person,) = block.people.cast.of("sejours_nombreux")
    assert (block.episodes.person == person).sum() == 400
    assert (block.episodes.kind == STAY).sum() == share("sejours", 9000, 0)


def test_a_tiny_hospital_has_no_hard_case():
    assert hard_cases(HospitalPlan(patients=50)) == []
