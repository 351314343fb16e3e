"""From where a permit is open and what it hides: exactly what it says, or it is refused."""

from ipaddress import ip_network

import pytest
from sample_permissions import (
    INS,
    LIBRARY,
    LOCATION,
    compiled,
    r5,
    r5_rule,
    r6,
    r6_activity,
    r6_rule,
    refusals,
)

from lab.fhir.permission import LIMIT, NETWORK


def network(*cidrs, url="cidr"):
    return {"url": NETWORK, "extension": [{"url": url, "valueString": text} for text in cidrs]}


@pytest.mark.parametrize(
    "text", ["10.31.", "10.31.0.1/16", "10.0.0.0/255.0.0.0", "0.0.0.0/33", "intranet", "*"]
)
def test_what_is_no_network_is_refused(text):
    found = refusals(r5(r5_rule(modifierExtension=[network(text)])))
    assert "expected a cidr" in found["Permission.rule[0].modifierExtension"].en


def test_a_permit_without_network_is_refused():
    limit = {"url": LIMIT, "extension": [{"url": "element", "valueString": "Patient.name"}]}
    for rule in (r5_rule(modifierExtension=[limit]), {k: v for k, v in r5_rule().items() if k[0] != "m"}):
        assert "opens no network" in refusals(r5(rule))["Permission.rule[0].modifierExtension"].en


def test_rules_open_the_same_networks():
    other = r5_rule(modifierExtension=[network("10.32.0.0/16")])
    assert "different networks" in refusals(r5(r5_rule(), other))["Permission.rule"].en


def test_a_location_may_be_contained_and_holds_the_networks():
    contained = {**LOCATION, "id": "here"}
    activity = r6_activity(location={"reference": "#here"})
    policy = compiled(r6(r6_rule(activity=[activity]), contained=[contained]), {})
    assert policy.networks == (ip_network("10.31.0.0/16"), ip_network("2001:db8:31::/48"))


LOCATIONS_REFUSED = {
    "absent": None,
    "another resource": {**LOCATION, "resourceType": "Organization"},
    "not active": {**LOCATION, "status": "suspended"},
    "modified": {**LOCATION, "modifierExtension": [{"url": "urn:x", "valueBoolean": True}]},
    "without network": {**LOCATION, "extension": [{"url": "urn:x", "valueString": "10.0.0.0/8"}]},
    "without extension": {k: v for k, v in LOCATION.items() if k != "extension"},
    "with a bad network": {**LOCATION, "extension": [network("10.")]},
    "misshapen": {**LOCATION, "extension": {}},
}


@pytest.mark.parametrize("case", LOCATIONS_REFUSED)
def test_a_location_that_gives_no_network_is_refused(case):
    location = LOCATIONS_REFUSED[case]
    library = {} if location is None else {"Location/reseau-app-x": location}
    assert "Permission.rule[0].activity[0].location" in refusals(r6(), library)


def test_activities_at_different_places_are_refused():
    library = {**LIBRARY, "Location/b": {**LOCATION, "extension": [network("10.1.0.0/16")]}}
    rule = r6_rule(activity=[r6_activity(), r6_activity("vread", location={"reference": "Location/b"})])
    assert "different networks" in refusals(r6(rule), library)["Permission.rule[0]"].en


def test_a_permit_of_r6_without_location_is_refused():
    bare = {k: v for k, v in r6_activity().items() if k != "location"}
    assert "Permission.rule[0].activity[0].location" in refusals(r6(r6_rule(activity=[bare])))


def masked(*paths):
    parts = [{"url": "path", "valueString": path} for path in paths]
    return r5(r5_rule(modifierExtension=[network("10.31.0.0/16"), {"url": LIMIT, "extension": parts}]))


@pytest.mark.parametrize(
    "path",
    [
        "Patient.address.city",
        "Patient.deceased",
        "Patient.meta",
        "Patient.extension",
        "Observation.value",
        "Observation.value.code",
        "Observation.component.value",
        "Patient.contact.telecom.value",
        "Encounter.location.location",
        "Questionnaire.item.item.text",
        "MedicinalProduct.name",
        "Patient.telecom.where(system in ('email'))",
        "Patient.contact.telecom.where(system in ('email' | 'phone'))",
        "Encounter.type.coding.where(system in ('urn:a'))",
        INS,
    ],
)
def test_a_mask_on_any_element_of_r4_is_compiled(path):
    assert len(compiled(masked(path)).masks) == 1


@pytest.mark.parametrize(
    "path",
    [
        "Patient.adress",
        "Patient.address.ville",
        "Patients.name",
        "HumanName.family",
        "Patient.name.family.x",
        "Patient.Name",
        "Patient.birth",
        "Patient.id",
        "Patient.resourceType",
        "Patient.contained.name",
        "Observation.valueQuantity",
        "Bundle.entry",
        "OperationOutcome.issue",
        "Parameters.parameter",
        "Patient.name.where(system in ('urn:a'))",
        "Encounter.class.where(system in ('urn:a'))",
        "Observation.value.coding.where(system in ('urn:a'))",
        "Patient.name[0]",
        "Patient",
        "$.name",
    ],
)
def test_a_mask_that_would_not_hide_what_it_names_is_refused(path):
    text = refusals(masked(path))["Permission.rule[0].modifierExtension"]
    assert text.fr != text.en


def test_an_element_is_a_plain_path_in_both_forms():
    parts = [{"url": "element", "valueString": INS}]
    extension = [network("10.31.0.0/16"), {"url": LIMIT, "extension": parts}]
    assert "Permission.rule[0].modifierExtension" in refusals(r5(r5_rule(modifierExtension=extension)))
    assert "Permission.rule[0].limit[0].element" in refusals(r6(r6_rule(limit=[{"element": [INS]}])))
    assert compiled(r6(r6_rule(limit=[{"path": [INS]}]))).masks


def test_a_part_of_an_extension_that_is_not_known_is_refused():
    limit = {"url": LIMIT, "extension": [{"url": "spare", "valueString": "Patient.name"}]}
    for extension in ([network("10.31.0.0/16", url="ip")], [network("10.31.0.0/16"), limit]):
        assert refusals(r5(r5_rule(modifierExtension=extension)))
