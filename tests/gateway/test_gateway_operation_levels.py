"""What the levels say of operations, without a server."""

import dataclasses
from datetime import date

import pytest

from lab.authserver.registry import Registration
from lab.authserver.tokens import Grant
from lab.fhir.cohort import WHOLE, of_pool
from lab.fhir.element_path import parse_path
from lab.fhir.interaction import Interaction
from lab.fhir.permission import compile_permission
from lab.fhir.permission_form import permission
from lab.fhir.request import parse
from lab.fhir.scopes import parse_scopes
from lab.fhirserver.operations.table import OPERATIONS
from lab.gateway import level3_resource_type, level4_cohort, level5_attributes
from lab.gateway.operations import OPENINGS
from lab.gateway.paging import limited
from lab.gateway.ruling import rule_on

BASE = "http://127.0.0.1:1/fhir"
TODAY = date(2026, 11, 25)
TYPES = ("Patient", "Observation", "Encounter", "Group", "Practitioner")
SCOPES = parse_scopes("system/*.rs")
TAKE = ("read", "search-type", "operation")
POLICY = compile_permission(permission("app", dict.fromkeys(TYPES, ("g",)), TAKE), "app")


def asked(path, query=""):
    return parse("GET", path, query, {}, b"", base_url=BASE)


def test_the_gateway_classifies_every_operation_of_the_server_and_no_other():
    assert OPENINGS.keys() == {(operation.name, operation.place.value) for operation in OPERATIONS}


@pytest.mark.parametrize("without", ["read", "search-type", "operation"])
def test_an_operation_needs_the_policy_to_open_all_three(without):
    actions = tuple(action for action in TAKE if action != without)
    policy = compile_permission(permission("app", {"Patient": ("g",)}, actions), "app")
    for path in ("$export", "Patient/1/$everything", "Patient/$export"):
        request = asked(path)
        assert not level3_resource_type.decide(request, SCOPES, policy, "TREAT", TODAY).allow
        assert level3_resource_type.decide(request, SCOPES, POLICY, "TREAT", TODAY).allow
        assert not level3_resource_type.decide(request, SCOPES, POLICY, "HRESCH", TODAY).allow


@pytest.mark.parametrize("scopes", ["system/*.r", "system/*.s", "system/*.cud", "system/Condition.rs"])
def test_an_operation_needs_the_scopes_to_read_and_search(scopes):
    for path in ("$export", "Patient/1/$everything", "$export-status/a", "$export-file/a/0"):
        assert not level3_resource_type.decide(
            asked(path), parse_scopes(scopes), POLICY, "TREAT", TODAY
        ).allow


def test_the_view_of_an_operation_holds_to_the_groups_of_every_rule():
    rules = [
        permission("app", {"Patient": groups, "Encounter": ()}, (action,))["rule"][0]
        for action, groups in (("read", ("a", "b")), ("search-type", ()), ("operation", ("b", "c")))
    ]
    source = permission("app", {"Patient": ()}, ("read",))
    policy = compile_permission({**source, "rule": rules}, "app")
    view, _ = level4_cohort.view_of([asked("$export")], SCOPES, policy, "TREAT", "app", TODAY)
    assert dict(view.cohorts) == {
        "Patient": of_pool("Group/a", "Group/b").and_also(of_pool("Group/b", "Group/c")),
        "Encounter": WHOLE,
    }
    assert view.binding == f"app/{policy.version}/TREAT"


@pytest.mark.parametrize(
    ("mask", "path", "query"),
    [
        ("Observation.subject", "Patient/1/$everything", ""),
        ("Observation.performer", "Patient/1/$everything", ""),
        ("Observation.subject", "Group/g/$export", ""),
        ("Observation.effective", "Patient/1/$everything", "start=2026"),
        ("Encounter.period.start", "Patient/1/$everything", "end=2026"),
        ("Patient.meta", "Patient/1/$everything", "_since=2026"),
        ("Patient.meta.lastUpdated", "$export", "_since=2026"),
        ("Observation.encounter", "Encounter/1/$everything", ""),
        ("Encounter.subject", "Encounter/1/$everything", ""),
        ("Observation.code", "Observation/$lastn", "patient=1"),
        ("Observation.effective", "Observation/$lastn", "patient=1"),
        ("Observation.category", "Observation/$lastn", "patient=1&category=x"),
    ],
)
def test_an_operation_that_would_tell_of_a_mask_is_refused(mask, path, query):
    assert not level5_attributes.decide(asked(path, query), [parse_path(mask)]).allow
    assert level5_attributes.decide(asked(path, query), [parse_path("Observation.note")]).allow


@pytest.mark.parametrize(
    ("mask", "path", "query"),
    [
        ("Patient.address", "Patient/1/$everything", "_since=2026&start=2026&_type=Patient"),
        ("Observation.encounter", "Patient/1/$everything", ""),
        ("Observation.subject", "$export", ""),
        ("Observation.effective", "Patient/1/$everything", ""),
        ("Observation.value", "Observation/$lastn", "patient=1&category=x"),
    ],
)
def test_an_operation_that_tells_nothing_of_a_mask_is_let_through(mask, path, query):
    assert level5_attributes.decide(asked(path, query), [parse_path(mask)]).allow


def ruled(path, *masks):
    policy = compile_permission(permission("app", dict.fromkeys(TYPES, ()), TAKE, masks), "app")
    registration = Registration("app", {}, SCOPES, policy)
    return rule_on([asked(path)], Grant("app", SCOPES, 0.0), registration, TODAY)


def test_nothing_comes_along_by_a_masked_reference():
    assert ruled("Patient/1/$everything").view.sees("Practitioner")
    assert ruled("Patient/1/$everything", "Patient.name").view.sees("Practitioner")
    hidden = ruled("Patient/1/$everything", "Patient.generalPractitioner")
    assert hidden.decision.allow
    assert not hidden.view.sees("Practitioner")
    assert hidden.view.sees("Encounter")
    assert ruled("$export", "Patient.generalPractitioner").view.sees("Practitioner")


def test_a_page_limit_holds_for_everything_too():
    assert limited(asked("Patient/1/$everything", "_count=500"), 20).values("_count") == ("20",)
    assert limited(asked("Patient/1/$everything"), 20).values("_count") == ("20",)
    assert limited(asked("$export"), 20).values("_count") == ()


def test_the_path_of_an_export_is_parsed():
    request = asked("$export-file/a1/2")
    assert (request.interaction, request.operation) == (Interaction.OPERATION, "$export-file")
    assert (request.arguments, request.type, request.id) == (("a1", "2"), None, None)
    assert dataclasses.replace(request).arguments == ("a1", "2")
