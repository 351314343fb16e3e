"""Both published forms are read into one policy; what is of no form is refused with its place."""

from dataclasses import replace

import pytest
from fhir.resources.permission import Permission
from sample_permissions import (
    INS,
    LIBRARY,
    LOCATION,
    ONCOLOGY,
    TOULOUSE_V1,
    compiled,
    deny,
    r5,
    r5_activity,
    r5_data,
    r5_rule,
    r6,
    r6_activity,
    r6_data,
    r6_rule,
    refusals,
    tag,
)

from lab.fhir.cohort import of_pool
from lab.fhir.element_path import parse_path
from lab.fhir.interaction import Interaction
from lab.fhir.permission import LIMIT, NETWORK, compile_permission
from lab.fhir.permission_form import permission
from lab.fhir.policy import PolicyError


def test_both_published_forms_are_the_same_policy():
    first, second = compiled(r5()), compiled(r6())
    assert replace(first, version="") == replace(second, version="")
    assert [str(network) for network in first.networks] == ["10.31.0.0/16", "2001:db8:31::/48"]
    (permit,) = first.permits
    assert permit.cohorts == {"Patient": of_pool("Group/oncology"), "Observation": of_pool("Group/oncology")}
    assert permit.activities == {(Interaction.READ, "TREAT"), (Interaction.SEARCH_TYPE, "TREAT")}
    assert first.masks == tuple(parse_path(text) for text in ("Patient.address", "Patient.telecom", INS))


def test_the_published_version_1_of_toulouse_is_refused_because_it_fails_open():
    found = refusals(TOULOUSE_V1)
    assert "opens whatever no rule names" in found["Permission.combining"].en
    assert "ouvre tout ce qu'aucune règle ne nomme" in found["Permission.combining"].fr
    assert "add resourceDefinition" in found["Permission.rule[0].data[0].resourceType"].en


ACCEPTED_R5 = {
    "as published": r5(),
    "a type whole": r5(r5_rule(data=[r5_data("Organization")])),
    "labels": r5(r5_rule(data=[r5_data("Patient", security=[tag("A"), tag("B")])])),
    "a Group and a label": r5(r5_rule(data=[r5_data("Patient", resource=[ONCOLOGY], security=[tag("A")])])),
    "several actions": r5(r5_rule(activity=[r5_activity(action=[{"coding": [{"code": "read"}]}] * 2)])),
    "a denial": r5(r5_rule(), deny(data=[{"security": [tag("VIP")]}]), combining="deny-overrides"),
    "a denial of a type": r5(r5_rule(), deny(data=[r5_data("Patient")]), combining="deny-overrides"),
    "a denial of everything": r5(r5_rule(), deny(), combining="ordered-deny-overrides"),
    "what decides nothing": r5(
        meta={"versionId": "3"},
        language="fr",
        text={"status": "empty", "div": '<div xmlns="http://www.w3.org/1999/xhtml"/>'},
        extension=[{"url": "urn:x", "valueBoolean": True}],
    ),
    "written by the laboratory": permission(
        "app-x", {"Patient": ("g", "h"), "Organization": ()}, ("read", "vread"), ("Patient.name", INS)
    ),
}


@pytest.mark.parametrize("case", ACCEPTED_R5)
def test_what_is_accepted_as_r5_is_valid_r5(case):
    assert compiled(ACCEPTED_R5[case]).permits
    Permission.model_validate(ACCEPTED_R5[case])


@pytest.mark.parametrize(
    "definition",
    [
        "http://hl7.org/fhir/StructureDefinition/Permission",
        "http://hl7.org/fhir/StructureDefinition/Permission|6.0.0-ballot3",
    ],
)
def test_an_additional_resource_names_its_definition(definition):
    assert compiled(r6(resourceDefinition=definition)).permits


OTHER_FORM = {
    "Permission.identifier": r5(identifier=[{"value": "x"}]),
    "Permission.rule[0].limit": r5(r5_rule(limit=[{"element": ["Patient.name"]}])),
    "Permission.rule[0].import": r5(r5_rule(**{"import": {"reference": "Permission/x"}})),
    "Permission.rule[0].data[0].resourceType": r5(r5_rule(data=[r6_data("Patient")])),
    "Permission.rule[0].activity[0].location": r5(r5_rule(activity=[r5_activity(location={})])),
    "Permission.rule[0].data[0].expression": r6(r6_rule(data=[r5_data("Patient")])),
    "Permission.rule[0].modifierExtension": r6(r5_rule()),
}


@pytest.mark.parametrize("where", OTHER_FORM)
def test_an_element_of_the_other_form_is_refused_and_says_which(where):
    text = refusals(OTHER_FORM[where])[where]
    assert "form" in text.en
    assert "resourceDefinition" in text.fr


NOT_READ = {
    "Permission.extension[0]": r5(extension=[{"url": LIMIT, "extension": []}]),
    "Permission.rule[0].extension": r5(r5_rule(extension=r5_rule()["modifierExtension"])),
    "Permission.rule[0].data[0].extension": r6(
        r6_rule(
            data=[
                r6_data(
                    "Patient",
                    extension=[
                        {
                            "url": "http://hl7.org/fhir/StructureDefinition/permission-rule-expression",
                            "valueExpression": {"language": "text/fhirpath", "expression": "active"},
                        }
                    ],
                )
            ]
        )
    ),
    "Permission.implicitRules": r5(implicitRules="urn:x"),
    "Permission.modifierExtension": r5(modifierExtension=[{"url": "urn:x", "valueBoolean": True}]),
    "Permission._status": r5(_status={"id": "x"}),
    "Permission.validity.modifierExtension": r5(validity={"start": "2026-01-01", "modifierExtension": []}),
    "Permission.rule[0].data[0].period": r5(r5_rule(data=[r5_data("Patient", period=[{}])])),
    "Permission.rule[0].data[0].modifierExtension": r5(
        r5_rule(data=[r5_data("Patient", modifierExtension=[])])
    ),
    "Permission.rule[0].data[0].expression.reference": r5(
        r5_rule(data=[{"expression": {"language": "application/x-fhir-query", "reference": "urn:x"}}])
    ),
    "Permission.rule[0].data[0].security[0].version": r5(
        r5_rule(data=[r5_data("Patient", security=[{**tag("A"), "version": "1"}])])
    ),
    "Permission.rule[0].activity[0].modifierExtension": r5(
        r5_rule(activity=[r5_activity(modifierExtension=[])])
    ),
    "Permission.rule[0].activity[0].actor[0].role": r6(
        r6_rule(activity=[r6_activity(actor=[{"role": {}, "reference": {"reference": "Device/app-x"}}])])
    ),
    "Permission.rule[0].limit[0].control": r6(r6_rule(limit=[{"control": [{"text": "x"}]}])),
    "Permission.rule[0].limit[0].tag": r6(r6_rule(limit=[{"tag": [tag("A")]}])),
    "Permission.rule[0].modifierExtension[0]": r5(r5_rule(modifierExtension=[{"url": "urn:x"}])),
    "Permission.rule[0].modifierExtension[0].extension[0].valueCode": r5(
        r5_rule(modifierExtension=[{"url": NETWORK, "extension": [{"url": "cidr", "valueCode": "x"}]}])
    ),
}


@pytest.mark.parametrize("where", NOT_READ)
def test_what_may_narrow_access_is_never_ignored(where):
    text = refusals(NOT_READ[where])[where]
    assert text.fr
    assert text.en != text.fr


MISSHAPEN = {
    "Permission.rule": r5(rule={}),
    "Permission.rule[0]": r5({}),
    "Permission.rule[0].data": r5(r5_rule(data=[])),
    "Permission.rule[0].data[0]": r5(r5_rule(data=["Patient"])),
    "Permission.rule[0].data[0].resource": r5(
        r5_rule(data=[r5_data("Patient", resource={"type": "Patient"})])
    ),
    "Permission.rule[0].type": r5(r5_rule(type=["permit"])),
    "Permission.rule[0].activity[0].actor[0].reference": r6(r6_rule(activity=[r5_activity()])),
    "Permission.id": r5(id=3),
}


@pytest.mark.parametrize("where", MISSHAPEN)
def test_what_has_not_the_form_is_refused_with_what_was_seen(where):
    assert "saw" in refusals(MISSHAPEN[where])[where].en


@pytest.mark.parametrize("source", [{}, {"resourceType": "Patient"}, [], "Permission", None])
def test_what_is_no_permission_is_refused(source):
    with pytest.raises(PolicyError, match="give a Permission resource"):
        compile_permission(source, "app-x")


def test_another_definition_is_not_read_as_a_permission():
    assert "Permission.resourceDefinition" in refusals(r6(resourceDefinition="urn:x"))
    assert "Permission.resourceDefinition" in refusals(r6(resourceDefinition=6))


def test_every_place_to_correct_is_said_at_once():
    source = r5(
        r5_rule(data=[r5_data("Patients")], activity=[r5_activity("reed")]),
        r5_rule(type="allow"),
        status="actif",
        validity={"start": "2026"},
    )
    assert list(refusals(source)) == [
        "Permission.status",
        "Permission.validity.start",
        "Permission.rule[0].data[0].expression.expression",
        "Permission.rule[0].activity[0].action",
        "Permission.rule[1].type",
    ]


def test_another_text_or_another_library_is_another_version():
    moved = {**LOCATION, "name": "réseau"}
    versions = {
        compiled(r6()).version,
        compiled(r6(date=["2026-01-16"])).version,
        compiled(r6(), {"Location/reseau-app-x": moved}).version,
    }
    assert len(versions) == 3
    assert compiled(r6()).version == compiled(r6(), {**LIBRARY, "Location/other": moved}).version


def test_a_limit_extension_of_r6_stands_in_a_limit_only():
    network = {"url": NETWORK, "extension": [{"url": "cidr", "valueString": "10.0.0.0/8"}]}
    found = refusals(r6(r6_rule(limit=[{"modifierExtension": [network]}])))
    assert "has no place here" in found["Permission.rule[0].limit[0].modifierExtension"].en
    assert LIMIT != NETWORK
