"""What a permit may say: what is accepted compiles to exactly what it says, the rest is refused."""

import pytest
from sample_permissions import (
    ONCOLOGY,
    TAGS,
    compiled,
    concept,
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

from lab.fhir.cohort import WHOLE, of_pool
from lab.fhir.interaction import Interaction
from lab.fhir.permission.activities import ACTIONS, PURPOSES


def related(reference, meaning="related", **more):
    return {"meaning": meaning, "reference": {"reference": reference, **more}}


def opened(*data):
    return compiled(r5(r5_rule(data=list(data)))).permits[0].cohorts


def test_a_type_is_open_whole_or_to_pools():
    label = f"tag/{TAGS}|A"
    assert opened(r5_data("Patient")) == {"Patient": WHOLE}
    assert opened(r5_data("Patient", resource=[related("List/1")])) == {"Patient": of_pool("List/1")}
    assert opened(r5_data("Patient", security=[tag("A")])) == {"Patient": of_pool(label)}


def test_what_one_data_says_is_met_at_once_and_data_add_up():
    both = r5_data("Patient", resource=[ONCOLOGY], security=[tag("A"), tag("B")])
    within = opened(both)["Patient"].within
    assert set(within) == {frozenset({p}) for p in ("Group/oncology", f"tag/{TAGS}|A", f"tag/{TAGS}|B")}
    either = opened(r5_data("Patient", resource=[ONCOLOGY]), r5_data("Patient", security=[tag("A")]))
    assert either == {"Patient": of_pool("Group/oncology", f"tag/{TAGS}|A")}
    assert opened(r5_data("Patient", resource=[ONCOLOGY]), r5_data("Patient")) == {"Patient": WHOLE}


DATA_REFUSED = {
    "two resources": ("", r5_data("Patient", resource=[ONCOLOGY, related("List/1")])),
    "a patient": (".resource[0].reference", r5_data("Patient", resource=[related("Patient/1")])),
    "an absolute reference": (
        ".resource[0].reference",
        r5_data("Patient", resource=[related("https://x.fr/Group/1")]),
    ),
    "a version": (".resource[0].reference", r5_data("Patient", resource=[related("Group/1/_history/2")])),
    "a contained Group": (".resource[0].reference", r5_data("Patient", resource=[related("#g")])),
    "another type than said": (
        ".resource[0].reference",
        r5_data("Patient", resource=[related("Group/1", type="List")]),
    ),
    "a type only, as in version 1": (
        ".resource[0].reference",
        r5_data("Patient", resource=[{"meaning": "instance", "reference": {"type": "Patient"}}]),
    ),
    "instance": (".resource[0].meaning", r5_data("Patient", resource=[related("Group/1", "instance")])),
    "authoredby": (".resource[0].meaning", r5_data("Patient", resource=[related("Group/1", "authoredby")])),
    "a label without system": (".security[0]", r5_data("Patient", security=[{"code": "A"}])),
    "a label without code": (".security[0]", r5_data("Patient", security=[{"system": TAGS}])),
    "a label that would be read as two": (".security[0]", r5_data("Patient", security=[tag("A|B")])),
    "no type": ("", {"resource": [ONCOLOGY]}),
    "an unknown type": (".expression.expression", r5_data("Patients")),
    "a type of no resource": (".expression.expression", r5_data("HumanName")),
    "a query": (".expression.expression", r5_data("Observation?category=laboratory")),
    "FHIRPath, as in version 2": (
        ".expression.language",
        {"expression": {"language": "text/fhirpath", "expression": "entry.item"}},
    ),
    "no language": (".expression.language", {"expression": {"expression": "Patient"}}),
}


@pytest.mark.parametrize("case", DATA_REFUSED)
def test_data_that_cannot_be_selected_is_refused(case):
    place, data = DATA_REFUSED[case]
    suffix = ".resource" if case == "two resources" else place
    assert f"Permission.rule[0].data[0]{suffix}" in refusals(r5(r5_rule(data=[data])))


def test_a_type_of_r6_is_one_coding_of_a_resource_type():
    two = {"resourceType": [{"system": "http://hl7.org/fhir/fhir-types", "code": c} for c in ("A", "B")]}
    profile = {"resourceType": [{"system": "urn:x", "code": "Patient"}]}
    unknown = r6_data("Patience")
    found = refusals(r6(r6_rule(data=[two, profile, unknown])))
    assert list(found) == [
        "Permission.rule[0].data[0].resourceType",
        "Permission.rule[0].data[1].resourceType[0].system",
        "Permission.rule[0].data[2].resourceType[0].code",
    ]


def test_an_activity_without_system_is_read_and_one_of_another_system_refused():
    plain = r5_activity(action=[{"coding": [{"code": "vread"}]}], purpose=[{"coding": [{"code": "HRESCH"}]}])
    (permit,) = compiled(r5(r5_rule(activity=[plain]))).permits
    assert permit.activities == {(Interaction.VREAD, "HRESCH")}


ACTIVITY_REFUSED = {
    "no actor": ("", {"action": [concept(ACTIONS, "read")], "purpose": [concept(PURPOSES, "TREAT")]}),
    "no action": ("", {k: v for k, v in r5_activity().items() if k != "action"}),
    "no purpose": ("", {k: v for k, v in r5_activity().items() if k != "purpose"}),
    "another application": (".actor", r5_activity(actor=[{"reference": "Device/app-y"}])),
    "two applications": (".actor", r5_activity(actor=[{"reference": f"Device/{x}"} for x in ("app-x", "y")])),
    "a group of actors": (".actor[0]", r5_activity(actor=[{"reference": "Group/app-x"}])),
    "no interaction": (".action", r5_activity("search")),
    "another code system": (
        ".action[0].coding",
        r5_activity(action=[concept("http://hl7.org/fhir/ValueSet/consent-action", "read")]),
    ),
    "another purpose system": (".purpose[0].coding", r5_activity(purpose=[concept("urn:x", "TREAT")])),
    "two codings": (".action[0].coding", r5_activity(action=[{"coding": [{"code": "read"}] * 2}])),
    "a text": (".action[0].coding", r5_activity(action=[{"text": "read"}])),
    "two purposes": (".purpose", r5_activity(purpose=[concept(PURPOSES, p) for p in ("TREAT", "HRESCH")])),
}


@pytest.mark.parametrize("case", ACTIVITY_REFUSED)
def test_an_activity_that_cannot_be_decided_on_is_refused(case):
    place, activity = ACTIVITY_REFUSED[case]
    assert f"Permission.rule[0].activity[0]{place}" in refusals(r5(r5_rule(activity=[activity])))


def test_several_actions_are_each_meant_in_r5_and_refused_in_r6():
    actions = [concept(ACTIONS, "read"), concept(ACTIONS, "search-type")]
    (permit,) = compiled(r5(r5_rule(activity=[r5_activity(action=actions)]))).permits
    assert {action for action, _ in permit.activities} == {Interaction.READ, Interaction.SEARCH_TYPE}
    found = refusals(r6(r6_rule(activity=[r6_activity(action=actions)])))
    assert "write one activity for each" in found["Permission.rule[0].activity[0].action"].en


def test_a_misspelt_action_is_told_what_is_near():
    text = refusals(r5(r5_rule(activity=[r5_activity("search")])))["Permission.rule[0].activity[0].action"]
    assert "Did you mean search-type?" in text.en
    assert "Vouliez-vous dire search-type ?" in text.fr


def test_cohorts_too_entangled_to_add_up_are_refused_when_they_are_read():
    entangled = [
        r5_data("Patient", security=[tag(f"{row}-{column}") for column in range(5)]) for row in range(4)
    ]
    assert "entangled" in refusals(r5(r5_rule(data=entangled)))["Permission.rule[0].data[2]"].en
    apart = [r5_rule(data=[one]) for one in entangled]
    assert "entangled" in refusals(r5(*apart))["Permission.rule"].en
