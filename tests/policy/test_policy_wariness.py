"""What is sound and yet seldom meant is said, in both languages, and nothing is said of what is usual."""

from datetime import date

import pytest
from sample_permissions import (
    CIDRS,
    INS,
    ONCOLOGY,
    compiled,
    concept,
    deny,
    r5,
    r5_activity,
    r5_data,
    r5_rule,
    tag,
)

from lab.fhir.permission import LIMIT, NETWORK
from lab.fhir.permission.activities import PURPOSES
from lab.policy.wariness import warnings

DAY = date(2026, 6, 1)


def hiding(*paths, cidr="10.31.0.0/16"):
    parts = [{"url": "path", "valueString": path} for path in paths]
    network = {"url": NETWORK, "extension": [{"url": "cidr", "valueString": cidr}]}
    limit = [{"url": LIMIT, "extension": parts}] if parts else []
    return r5_rule(modifierExtension=[network, *limit])


def test_the_published_example_needs_no_warning():
    assert warnings(compiled(r5()), DAY) == ()


WARY = {
    "it is not active": r5(status="draft"),
    "it never expires": r5(validity={"start": "2026-01-01"}),
    "it expired on 2026-05-31": r5(validity={"end": "2026-05-31"}),
    "it only holds from 2026-06-02": r5(validity={"start": "2026-06-02", "end": "2026-07-01"}),
    "0.0.0.0/0 is a good part of the Internet": r5(hiding(cidr="0.0.0.0/0")),
    "2000::/3 is a good part of the Internet": r5(hiding(cidr="2000::/3")),
    "Patient is open for every patient": r5(r5_rule(data=[r5_data("Patient")])),
    "Observation is open for every patient": r5(r5_rule(data=[r5_data("Observation")])),
    "reads who is in each cohort": r5(r5_rule(data=[r5_data("Group")])),
    "Organization is never in a Group or a List": r5(
        r5_rule(data=[r5_data("Organization", resource=[ONCOLOGY])])
    ),
    "opens its exact code only": r5(
        r5_rule(
            data=[
                r5_data(
                    "Patient",
                    security=[
                        {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
                    ],
                )
            ]
        )
    ),
    "the action search-system depends on no Permission": r5(
        r5_rule(activity=[*r5_rule()["activity"], r5_activity("search-system")])
    ),
    "TREATMENT is no purpose": r5(r5_rule(activity=[r5_activity(purpose=[concept(PURPOSES, "TREATMENT")])])),
    "patch is open, but refused": r5(r5_rule(activity=[*r5_rule()["activity"], r5_activity("patch")])),
    "Observation is not open to both read and search-type": r5(r5_rule(activity=[r5_activity("read")])),
    "no rule opens Condition": r5(hiding("Condition.code")),
    "the mask of the INS leaves out urn:oid:1.2.250.1.213.1.4.8": r5(
        hiding(INS.replace("'urn:oid:1.2.250.1.213.1.4.8' | ", ""))
    ),
    "a deny rule takes everything away": r5(r5_rule(), deny(), combining="deny-overrides"),
    "takes away Condition, which no rule opens": r5(
        r5_rule(), deny(data=[r5_data("Condition", security=[tag("A")])]), combining="deny-overrides"
    ),
}


@pytest.mark.parametrize("said", WARY)
def test_what_is_seldom_meant_is_said(said):
    found = warnings(compiled(WARY[said]), DAY)
    assert [text for text in found if said in text.en], found
    assert all(text.fr != text.en for text in found)


def test_a_network_of_an_organization_is_not_the_internet():
    assert warnings(compiled(r5(hiding(cidr="10.0.0.0/8"))), DAY) == ()
    assert CIDRS
