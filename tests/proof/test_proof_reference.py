"""The reference by examples that are known by heart: cohorts, denials, masks, times of versions."""

import pytest

from lab.proof.reference.client import Client
from lab.proof.reference.cohort import Hospital
from lab.proof.reference.masking import MASKED, SUBSETTED, masked
from lab.proof.reference.searching import sensitive

NOW = 1_777_000_000_000
TAG = {"system": "http://lab.test/cohort", "code": "TAG-1"}
INS = "urn:oid:1.2.250.1.213.1.4.10"
LIMIT = "https://lab.chu-toulouse.fr/fhir/StructureDefinition/permission-rule-limit"


def patient(id_, *labels, **more):
    meta = {"meta": {"security": list(labels)}} if labels else {}
    return {"resourceType": "Patient", "id": id_, **meta, **more}


def observation(id_, of, **more):
    return {"resourceType": "Observation", "id": id_, "subject": {"reference": f"Patient/{of}"}, **more}


def group(id_, *members):
    return {"resourceType": "Group", "id": id_, "member": list(members)}


def member(id_, **more):
    return {"entity": {"reference": f"Patient/{id_}"}, **more}


def rule(kind, *data, actions=("read", "search-type"), masks=()):
    activity = [
        {"action": [{"coding": [{"code": a}]}], "purpose": [{"coding": [{"code": "TREAT"}]}]} for a in actions
    ]
    limit = [{"url": LIMIT, "extension": [{"url": "element", "valueString": m} for m in masks]}]
    return {"type": kind, "data": list(data), "activity": activity, "modifierExtension": limit}


def of(type_, pool="", *labels):
    data = {"expression": {"expression": type_}} if type_ else {}
    data |= {"resource": [{"meaning": "related", "reference": {"reference": pool}}]} if pool else {}
    return data | ({"security": list(labels)} if labels else {})


HOSPITAL = Hospital(
    [
        patient("in"),
        patient("both", TAG),
        patient("labelled", TAG),
        patient("out"),
        observation("o-in", "in"),
        observation("o-both", "both"),
        observation("o-labelled", "labelled"),
        observation("o-tie", "in", performer=[{"reference": "Patient/out"}]),
        {"resourceType": "Organization", "id": "plain"},
        {"resourceType": "Organization", "id": "tagged", "meta": {"security": [TAG]}},
        group(
            "g",
            member("in"),
            member("both"),
            member("out", inactive=True),
            member("labelled", period={"end": "2020-01-01"}),
        ),
        {
            "resourceType": "List",
            "id": "l",
            "status": "current",
            "entry": [{"item": {"reference": "Patient/out"}}],
        },
    ],
    NOW,
)


def seen(*rules, scopes="system/*.rs"):
    client = Client({"rule": list(rules)}, scopes)
    return {r["id"] for r in HOSPITAL.resources if client.sees(HOSPITAL, "read", r)}


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([rule("permit", of("Observation", "Group/g"))], {"o-in", "o-both"}),
        ([rule("permit", of("Observation", "", TAG))], {"o-both", "o-labelled"}),
        ([rule("permit", of("Observation", "Group/g", TAG))], {"o-both"}),
        (
            [rule("permit", of("Observation", "Group/g"), of("Observation", "List/l"))],
            {"o-in", "o-both", "o-tie"},
        ),
        ([rule("permit", of("Organization", "", TAG))], {"tagged"}),
        ([rule("permit", of("Organization", "Group/g"))], set()),
        ([rule("permit", of("Group", "Group/g"), of("List", "List/l"))], {"g", "l"}),
        ([rule("permit", of("Patient")), rule("deny", of("", "", TAG))], {"in", "out"}),
        (
            [rule("permit", of("Patient"), of("Observation")), rule("deny", of("Patient"))],
            {"o-in", "o-both", "o-labelled", "o-tie"},
        ),
        ([rule("permit", of("Group")), rule("deny", of("", "Group/g"))], set()),
        ([rule("permit", of("Patient"), actions=("create",))], set()),
    ],
)
def test_who_is_seen(rules, expected):
    assert seen(*rules) == expected


def test_scopes_narrow():
    permit = rule("permit", of("Observation"), of("Patient"))
    assert seen(permit, scopes="system/Patient.s") == set()
    assert seen(permit, scopes="system/Observation.rs?subject=Patient/labelled") == {"o-labelled"}


def test_masks():
    resource = patient(
        "x",
        TAG,
        text={"div": "x"},
        name=[{"family": "A"}],
        identifier=[{"system": INS, "value": "1"}, {"system": "other", "value": "2"}],
        contact=[{"name": {"family": "A"}}],
    )
    narrow = f"Patient.identifier.where(system in ('{INS}'))"
    assert masked(resource, ["Patient.name", narrow]) == {
        "resourceType": "Patient",
        "id": "x",
        "meta": {"tag": [SUBSETTED]},
        "identifier": [{"system": "other", "value": "2"}],
        "contact": [MASKED],
    }
    labelled = observation("o", "x", status="final", text={"div": "x"})
    labelled["subject"]["display"] = "A"
    assert masked(labelled, ["Patient.name"]) == observation("o", "x", status="final")
    assert masked(labelled, ["Observation.status"])["_status"] == MASKED


def test_a_masked_client_sees_the_time_of_the_last_change_that_it_can_see():
    def version(time, **more):
        return observation("o", "in", meta={"lastUpdated": time}, **more)

    versions = [
        version("1", text={"div": "a"}),
        version("2", text={"div": "b"}),
        version("3", status="final"),
    ]
    hospital = Hospital([versions[-1]], NOW, (), {"Observation/o": versions})
    source = rule(
        "permit", of("Observation"), actions=("read", "history-instance"), masks=["Observation.note"]
    )
    client = Client({"rule": [source]}, "system/*.rs")
    looks = client.looks(hospital, "Observation/o")
    assert [look["meta"]["lastUpdated"] for look in looks] == ["1", "3"]


@pytest.mark.parametrize("mask", ["Observation.value", "Observation.component.value", "Observation.code"])
def test_a_composite_of_the_whole_and_its_parts_reads_both(mask):
    assert "combo-code-value-quantity" in sensitive([mask], "Observation")
