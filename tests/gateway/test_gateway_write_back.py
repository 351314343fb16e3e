"""A client with masks writes back what it reads, and the hidden part stays: on resources of the hospital."""

import copy
import itertools

import pytest

from lab.fhir.element_path import parse_path
from lab.gateway.mask import compile_mask
from lab.gateway.seen import Eyes
from lab.gateway.write_back import NotAsSeenError, write_back
from lab.validation import defects
from synthetic_data import HospitalPlan, generate

INS = "urn:oid:1.2.250.1.213.1.4.10"
MASKS = {
    "address": ("Patient.address",),
    "contact": ("Patient.telecom", "Patient.contact.telecom"),
    "name": ("Patient.name", "Patient.birthDate"),
    "one system": (f"Patient.identifier.where(system in ('{INS}'))",),
    "systems twice": (
        f"Patient.identifier.where(system in ('{INS}'))",
        f"Patient.identifier.where(system in ('{INS}' | 'urn:other'))",
        "Patient.name",
        "Patient.name.given",
    ),
    "inside names": ("Patient.name.given",),
    "mandatory": ("Observation.code", "Observation.status", "Encounter.class", "Encounter.status"),
    "subject": ("Observation.subject", "Encounter.subject", "ImagingStudy.subject", "Condition.subject"),
    "values": ("Observation.value", "Observation.note", "Condition.code"),
    "all at once": (
        "Patient.address",
        "Patient.telecom",
        "Patient.name.family",
        "Observation.encounter",
        "Encounter.participant",
        "Condition.recordedDate",
    ),
}
INVARIANTS = {"pat-1"}
"""Rules that a mask may break: they ask for one of several elements."""
RICH = {
    "resourceType": "Patient",
    "id": "rich",
    "meta": {
        "versionId": "7",
        "security": [{"system": "urn:s", "code": "VIP"}],
        "tag": [{"system": "urn:t", "code": "1"}],
        "profile": ["https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-patient"],
    },
    "text": {"status": "additional", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Dupont</div>'},
    "extension": [
        {"url": "urn:first", "valueString": "1"},
        {
            "url": "http://hl7.org/fhir/StructureDefinition/patient-birthPlace",
            "valueAddress": {"city": "Toulouse"},
        },
        {"url": "urn:last", "valueString": "2"},
    ],
    "identifier": [
        {"system": "urn:ipp", "value": "1"},
        {"system": INS, "value": "2"},
        {"system": "urn:other", "value": "3"},
    ],
    "name": [{"family": "Dupont", "given": ["Ana"]}, {"given": ["Lou"]}],
    "telecom": [{"system": "phone", "value": "0600000000"}],
    "address": [{"city": "Toulouse"}],
    "gender": "female",
    "contact": [{"name": {"family": "Durand"}, "telecom": [{"value": "1"}]}, {"telecom": [{"value": "2"}]}],
    "generalPractitioner": [{"reference": "Practitioner/1", "display": "Dr X"}],
    "link": [{"other": {"reference": "Patient/other", "display": "Dupont, autre"}, "type": "seealso"}],
}
LABELLED = {
    "resourceType": "Observation",
    "id": "labelled",
    "meta": {"versionId": "1"},
    "status": "final",
    "code": {"text": "x"},
    "subject": {"reference": "Patient/rich", "display": "Dupont", "identifier": {"value": "2"}},
    "focus": [{"display": "only a label"}, {"reference": "Patient/b", "display": "B"}],
    "performer": [{"reference": "Practitioner/1", "display": "Dr X"}, {"reference": "#me"}],
    "contained": [{"resourceType": "Patient", "id": "me", "name": [{"family": "Dupont"}]}],
    "hasMember": [{"reference": "Observation/2", "display": "seen"}],
}


@pytest.fixture(scope="module")
def hospital():
    drawn = generate(HospitalPlan(seed=3, patients=12))
    several = {}
    for resource in drawn:
        several.setdefault(resource["resourceType"], []).append(resource)
    return [RICH, LABELLED, *itertools.chain.from_iterable(each[:15] for each in several.values())]


def paths_of(case):
    return tuple(map(parse_path, MASKS[case]))


def eyes(paths):
    return Eyes(compile_mask(paths))


def content(resource):
    meta = {k: v for k, v in resource.get("meta", {}).items() if k not in {"versionId", "lastUpdated"}}
    return {**{k: v for k, v in resource.items() if k != "meta"}, **({"meta": meta} if meta else {})}


@pytest.mark.parametrize("case", MASKS)
def test_what_is_written_back_as_it_was_read_changes_nothing(case, hospital):
    paths = paths_of(case)
    hidden = 0
    for stored in hospital:
        seen = eyes(paths).see(copy.deepcopy(stored))
        hidden += content(seen) != content(stored)
        result = write_back(stored, seen, copy.deepcopy(seen), paths)
        assert content(result) == content(stored), stored["id"]
    assert hidden > 2


@pytest.mark.parametrize("case", MASKS)
def test_the_rest_changes_and_the_hidden_part_stays(case, hospital):
    paths = paths_of(case)
    for stored in hospital:
        seen = eyes(paths).see(copy.deepcopy(stored))
        sent = {**copy.deepcopy(seen), "language": "fr-CA", "implicitRules": "urn:rules"}
        result = write_back(stored, seen, sent, paths)
        generated = stored.get("text", {}).get("status") == "generated"
        kept = {k: v for k, v in content(stored).items() if not (generated and k == "text")}
        assert content(result) == {**kept, "language": "fr-CA", "implicitRules": "urn:rules"}


@pytest.mark.parametrize("case", MASKS)
def test_what_is_masked_is_still_valid_and_stays_masked(case, hospital):
    paths = paths_of(case)
    for stored in hospital:
        seen = eyes(paths).see(copy.deepcopy(stored))
        found = {(d.path, d.rule) for d in defects(seen)} - {(d.path, d.rule) for d in defects(stored)}
        assert {rule for _, rule in found} <= INVARIANTS, stored["id"]
        assert content(eyes(paths).see(copy.deepcopy(seen))) == content(seen)


@pytest.mark.parametrize(
    ("case", "change"),
    [
        ("address", {"address": [{"city": "Auch"}]}),
        ("address", {"_address": [{"id": "x"}]}),
        ("address", {"text": {"status": "generated", "div": "<div>me</div>"}}),
        ("address", {"meta": {"security": [{"code": "N"}]}}),
        ("address", {"meta": {"tag": [{"code": "mine"}]}}),
        ("address", {"contained": [{"resourceType": "Patient", "id": "x"}]}),
        ("address", {"extension": RICH["extension"]}),
        ("address", {"contact": []}),
        (
            "address",
            {"link": [{"other": {"reference": "Patient/b", "display": "me"}, "type": "seealso"}]},
        ),
        ("contact", {"contact": [{"name": {"family": "Durand"}}]}),
        ("inside names", {"name": [{"family": "Dupont"}]}),
        ("one system", {"identifier": [{"system": INS, "value": "9"}]}),
    ],
)
def test_what_is_sent_in_place_of_what_is_hidden_is_refused_whether_it_is_there_or_not(case, change):
    paths = paths_of(case)
    bare = {k: v for k, v in RICH.items() if k in {"resourceType", "id", "meta", "gender"}}
    bare["meta"] = {"versionId": "1"}
    for stored in (RICH, bare) if case in {"address", "one system"} and "contact" not in change else (RICH,):
        seen = eyes(paths).see(copy.deepcopy(stored))
        with pytest.raises(NotAsSeenError):
            write_back(stored, seen, {**copy.deepcopy(seen), **change}, paths)


def test_visible_identifiers_come_and_go_around_the_hidden_one():
    paths = paths_of("one system")
    seen = eyes(paths).see(copy.deepcopy(RICH))
    sent = {**seen, "identifier": [{"system": "urn:new", "value": "n"}]}
    result = write_back(RICH, seen, sent, paths)
    assert result["identifier"] == [{"system": "urn:new", "value": "n"}, RICH["identifier"][1]]
    assert write_back(RICH, seen, {k: v for k, v in seen.items() if k != "identifier"}, paths)[
        "identifier"
    ] == [RICH["identifier"][1]]


def test_a_label_follows_its_reference():
    paths = paths_of("address")
    seen = eyes(paths).see(copy.deepcopy(LABELLED))
    assert "Dupont" not in str({k: v for k, v in seen.items() if k != "contained"})
    sent = {**copy.deepcopy(seen), "focus": [seen["focus"][0], {"reference": "Patient/c"}, seen["focus"][1]]}
    result = write_back(LABELLED, seen, sent, paths)
    assert result["focus"] == [LABELLED["focus"][0], {"reference": "Patient/c"}, LABELLED["focus"][1]]
    with pytest.raises(NotAsSeenError):
        write_back(LABELLED, seen, {**seen, "focus": [{"reference": "Patient/b"}]}, paths)
