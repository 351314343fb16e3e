"""The least-privilege proposal opens what was used, never more than was open, and is explained."""

import json
from datetime import date

import pytest

from lab.certification.least_privilege import least_privilege
from lab.fhir.interaction import Interaction
from lab.fhir.permission import compile_permission
from lab.fhir.permission_form import permission
from lab.model.exchange import Decision, Exchange
from lab.model.target import ClientRole, SystemUnderTest
from lab.model.words import Role

BASE = "http://127.0.0.1:1/fhir"
TODAY = date(2026, 11, 30)
ALLOWED = Decision(4, allow=True, rule="cohort", reason="evaluated on the view")
TYPES = {"Patient": ("g",), "Encounter": ("g",), "Location": (), "Observation": ("g",)}
SCOPES = "system/Patient.rs system/Encounter.rs system/Location.rs system/Observation.rs?category=laboratory"


def subject(opened=None, scopes=SCOPES, actions=("read", "search-type")):
    given = permission("app", opened or TYPES, actions, ("Patient.address",))
    client = ClientRole("app", scopes, given)
    return SystemUnderTest("v", "n", "1", (Role.CLIENT,), ".", "", client=client)


def asked(path, status=200, method="GET", body="", response="{}", decision=ALLOWED, **more):
    form = (("content-type", "application/x-www-form-urlencoded"),)
    return Exchange(
        "G-1",
        1.0,
        more.pop("actor", "application"),
        "app",
        method,
        f"{BASE}{path}",
        request_headers=form,
        request_body=body,
        status=status,
        response_body=response,
        decision=decision,
        **more,
    )


def bundle(*resources):
    return json.dumps({"resourceType": "Bundle", "entry": [{"resource": one} for one in resources]})


P1 = {"resourceType": "Patient", "id": "p1"}
USED = [
    asked("/Patient/_search", method="POST", body="_id=p1", response=bundle(P1)),
    asked("/Encounter?patient=p1&_elements=status,period"),
    asked("/Location/l1", status=304, response=""),
]


def opened(proposal):
    policy = compile_permission(proposal, "app", {})
    return {(type_, action) for action in Interaction for type_ in policy.opened((action, "TREAT"), TODAY)}


def test_only_what_was_used_is_opened():
    proposal, said = least_privilege(subject(), USED, TODAY)
    assert opened(proposal) == {
        ("Patient", Interaction.SEARCH_TYPE),
        ("Encounter", Interaction.SEARCH_TYPE),
        ("Location", Interaction.READ),
    }
    assert "Scopes: system/Encounter.s system/Location.r system/Patient.s" in said.en
    assert "Observation (search-type)" in said.en
    assert "Observation (search-type)" in said.fr


def test_cohorts_masks_and_networks_are_kept():
    proposal, _ = least_privilege(subject(), USED, TODAY)
    given, policy = (compile_permission(one, "app", {}) for one in (subject().client.permission, proposal))
    assert policy.masks == given.masks
    assert policy.networks == given.networks
    search = (Interaction.SEARCH_TYPE, "TREAT")
    for type_ in ("Patient", "Encounter"):
        assert policy.opened(search, TODAY)[type_] == given.opened(search, TODAY)[type_]


def test_denials_and_imports_stay():
    whole = subject()
    denial = {
        "type": "deny",
        "data": [{"resource": [{"meaning": "related", "reference": {"reference": "Group/h"}}]}],
    }
    changed = {**whole.client.permission, "combining": "deny-overrides"}
    changed["rule"] = [*changed["rule"], denial]
    client = ClientRole("app", SCOPES, changed)
    proposal, _ = least_privilege(SystemUnderTest("v", "n", "1", (), ".", "", client=client), USED, TODAY)
    assert proposal["rule"][-1] == denial
    assert compile_permission(proposal, "app", {}).denials


@pytest.mark.parametrize(
    "unused",
    [
        asked("/Observation", status=403),
        asked("/Observation", decision=None),
        asked("/Observation", actor="laboratory"),
        Exchange("I-1", 1.0, "application", "", "GET", "http://127.0.0.2:9/fhir/Observation", status=200),
    ],
)
def test_what_was_refused_or_was_not_the_applications_is_not_used(unused):
    proposal, _ = least_privilege(subject(), [*USED, unused], TODAY)
    assert not [type_ for type_, _ in opened(proposal) if type_ == "Observation"]


@pytest.mark.parametrize(
    "path",
    [
        "/Patient?_has:Observation:patient:code=x",
        "/Patient?_revinclude=Observation:subject",
    ],
)
def test_the_types_that_a_search_leads_to_are_used(path):
    proposal, said = least_privilege(subject(), [asked(path)], TODAY)
    assert ("Observation", Interaction.SEARCH_TYPE) in opened(proposal)
    assert "system/Observation.rs?category=laboratory" in said.en


def test_a_type_that_is_included_is_used():
    found = bundle({"resourceType": "Encounter", "id": "e"}, P1)
    proposal, _ = least_privilege(subject(), [asked("/Encounter?_include=*", response=found)], TODAY)
    assert {("Patient", Interaction.READ), ("Patient", Interaction.SEARCH_TYPE)} <= opened(proposal)


def test_the_entries_of_a_batch_are_used():
    entries = [{"request": {"method": "GET", "url": "Location?_count=1"}}]
    body = json.dumps({"resourceType": "Bundle", "type": "batch", "entry": entries})
    json_body = (("content-type", "application/fhir+json"),)
    batch = Exchange(
        "G-1", 1.0, "application", "app", "POST", BASE, json_body, body, 200, (), "{}", decision=ALLOWED
    )
    proposal, _ = least_privilege(subject(), [batch], TODAY)
    assert opened(proposal) == {("Location", Interaction.SEARCH_TYPE)}


def test_what_is_known_of_elements_and_patients_is_said():
    guest = asked(
        "/Patient?_id=p1",
        response=bundle(P1, {"resourceType": "Patient", "id": "x"}),
        act="wrong-patient",
        facts={"about": "x"},
    )
    _, said = least_privilege(subject(), [*USED, guest], TODAY)
    assert "about 1 patients" in said.en
    assert "Encounter: only period, status are asked for" in said.en
    assert "Patient: asked for whole" in said.en
    assert "Patient : demandé entier" in said.fr


def test_nothing_is_proposed_without_use():
    assert least_privilege(subject(), [], TODAY) is None
    assert least_privilege(SystemUnderTest("v", "n", "1", (), ".", ""), USED, TODAY) is None
