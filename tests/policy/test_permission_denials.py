"""A denial takes exactly what it says, always; one that might not hold is refused."""

import pytest
from sample_permissions import (
    CIDRS,
    LIBRARY,
    LOCATION,
    ONCOLOGY,
    TAGS,
    compiled,
    concept,
    deny,
    r5,
    r5_data,
    r5_rule,
    r6,
    r6_rule,
    refusals,
    tag,
)

from lab.fhir.interaction import Interaction
from lab.fhir.permission import LIMIT, NETWORK
from lab.fhir.permission.activities import ACTIONS, PURPOSES
from lab.fhir.policy import Denial


def network(*cidrs, url="cidr"):
    return {"url": NETWORK, "extension": [{"url": url, "valueString": text} for text in cidrs]}


VIP = f"tag/{TAGS}|VIP"
DENIALS = {
    "a label everywhere": (deny(data=[{"security": [tag("VIP")]}]), Denial({"*": frozenset({VIP})})),
    "a label of a type": (
        deny(data=[r5_data("Patient", security=[tag("VIP")])]),
        Denial({"Patient": frozenset({VIP})}),
    ),
    "a Group": (deny(data=[{"resource": [ONCOLOGY]}]), Denial({"*": frozenset({"Group/oncology"})})),
    "pools add up": (
        deny(data=[{"resource": [ONCOLOGY]}, {"security": [tag("VIP")]}]),
        Denial({"*": frozenset({"Group/oncology", VIP})}),
    ),
    "a type": (deny(data=[r5_data("Observation")]), Denial({"Observation": frozenset()})),
    "a type wins over its pools": (
        deny(data=[r5_data("Patient", security=[tag("VIP")]), r5_data("Patient")]),
        Denial({"Patient": frozenset()}),
    ),
    "everything": (deny(), Denial({"*": frozenset()})),
    "one action": (
        deny(activity=[{"action": [concept(ACTIONS, "read")]}]),
        Denial({"*": frozenset()}, frozenset({(Interaction.READ, "TREAT")})),
    ),
    "a purpose": (
        deny(activity=[{"purpose": [concept(PURPOSES, "HRESCH")]}]),
        Denial({"*": frozenset()}, frozenset((action, "HRESCH") for action in Interaction)),
    ),
    "the application": (
        deny(activity=[{"actor": [{"reference": "Device/app-x"}]}]),
        Denial({"*": frozenset()}, frozenset((action, "TREAT") for action in Interaction)),
    ),
    "the same networks": (
        deny(modifierExtension=[{"url": NETWORK, "extension": CIDRS}]),
        Denial({"*": frozenset()}),
    ),
}


@pytest.mark.parametrize("case", DENIALS)
def test_a_denial_takes_exactly_what_it_says(case):
    rule, denial = DENIALS[case]
    assert compiled(r5(r5_rule(), rule, combining="deny-overrides")).denials == (denial,)


DENIALS_REFUSED = {
    ".data[0]": deny(data=[{"resource": [ONCOLOGY], "security": [tag("VIP")]}]),
    ".data[0] ": deny(data=[{"security": [tag("VIP"), tag("A")]}]),
    ".data[0]  ": deny(
        data=[
            {
                "security": [
                    {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
                ]
            }
        ]
    ),
    ".modifierExtension": deny(
        modifierExtension=[{"url": LIMIT, "extension": [{"url": "element", "valueString": "Patient.name"}]}]
    ),
    ".activity[0].actor": deny(activity=[{"actor": [{"reference": "Device/app-y"}]}]),
    ".activity[0].action": deny(activity=[{"action": [concept(ACTIONS, "reed")]}]),
}


@pytest.mark.parametrize("place", DENIALS_REFUSED)
def test_a_denial_that_might_not_hold_is_refused(place):
    source = r5(r5_rule(), DENIALS_REFUSED[place], combining="deny-overrides")
    assert f"Permission.rule[1]{place.strip()}" in refusals(source)


def test_a_denial_with_a_limit_or_of_another_network_is_refused():
    limited = deny(limit=[{"element": ["Patient.name"]}])
    assert "Permission.rule[1].limit" in refusals(r6(r6_rule(), limited, combining="deny-overrides"))
    elsewhere = deny(modifierExtension=[network("10.0.0.0/8")])
    assert "Permission.rule" in refusals(r5(r5_rule(), elsewhere, combining="deny-overrides"))
    library = {**LIBRARY, "Location/b": {**LOCATION, "extension": [network("10.1.0.0/16")]}}
    there = deny(activity=[{"location": {"reference": "Location/b"}}])
    assert "Permission.rule" in refusals(r6(r6_rule(), there, combining="deny-overrides"), library)
