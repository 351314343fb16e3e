"""The five levels as pure functions: what each allows, what each refuses, and nothing by default."""

import dataclasses
from datetime import date
from ipaddress import ip_network

import pytest

from lab.authserver.registry import Registration, Registry
from lab.authserver.tokens import Tokens
from lab.fhir.cohort import WHOLE, of_pool
from lab.fhir.element_path import parse_path
from lab.fhir.interaction import Interaction
from lab.fhir.permission import compile_permission
from lab.fhir.permission_form import permission
from lab.fhir.policy import Validity
from lab.fhir.request import FhirRequest, parse
from lab.fhir.scopes import parse_scopes
from lab.gateway import (
    level1_network,
    level2_application,
    level3_resource_type,
    level4_cohort,
    level5_attributes,
)
from lab.gateway.decision import answer, refuse

NETWORKS = (ip_network("10.31.0.0/16"), ip_network("2001:db8:31::/48"))
BASE = "http://127.0.0.1:1/fhir"
TODAY = date(2026, 11, 22)
SCOPES = parse_scopes("system/Patient.rs system/Observation.crs")
POLICY = compile_permission(
    permission("app", {"Patient": ("g",), "Observation": ("g",)}, ("read", "search-type", "create")), "app"
)


def asked(method, path, query="", **headers):
    return parse(method, path, query, headers, b"{}", base_url=BASE)


@pytest.mark.parametrize(
    ("peer", "allow"),
    [
        ("10.31.0.5", True),
        ("::ffff:10.31.0.5", True),
        ("2001:db8:31::1", True),
        ("10.3.1.5", False),
        ("110.31.0.1", False),
        ("2001:db8:32::1", False),
        ("::ffff:10.3.1.5", False),
        ("", False),
        ("unix", False),
        ("10.31.0.5:80", False),
    ],
)
def test_level_1_decides_on_the_address_of_the_peer(peer, allow):
    assert level1_network.decide(peer, NETWORKS).allow is allow


def test_level_1_refuses_everybody_without_a_network():
    assert not level1_network.decide("127.0.0.1", ()).allow


def level_2(authorization, *, disabled=False):
    tokens = Tokens()
    registry = Registry([Registration("app", {}, SCOPES, POLICY)])
    token = tokens.issue("app", SCOPES)
    if disabled:
        registry.disable("app")
    return level2_application.decide(authorization.replace("{}", token), tokens, registry)


@pytest.mark.parametrize("authorization", ["Bearer {}", "bearer {}"])
def test_level_2_gives_the_grant_behind_a_token_in_force(authorization):
    decision, grant, registration = level_2(authorization)
    assert decision.allow
    assert (grant.client_id, registration.client_id) == ("app", "app")


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "{}",
        "Bearer",
        "Bearer  {}",
        "Bearer {} x",
        "Bearer {},Bearer {}",
        "Basic {}",
        "Bearer {}x",
        "Bearer é",
    ],
)
def test_level_2_refuses_everything_else(authorization):
    decision, grant, registration = level_2(authorization)
    assert (decision.allow, grant, registration) == (False, None, None)


def test_level_2_refuses_a_disabled_application_at_once():
    assert not level_2("Bearer {}", disabled=True)[0].allow


def test_a_token_expires_and_can_be_revoked():
    now = [1000.0]
    tokens = Tokens(lambda: now[0])
    ours, laboratory = tokens.issue("app", SCOPES), tokens.issue("app", SCOPES, probing=True)
    tokens.revoke("app")
    assert tokens.grant(ours) is None
    assert tokens.grant(laboratory)
    now[0] += tokens.lifetime_s
    assert tokens.grant(laboratory) is None


def level_3(request, scopes=SCOPES, policy=POLICY, purpose="TREAT"):
    return level3_resource_type.decide(request, scopes, policy, purpose, TODAY)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "Patient/1"),
        ("HEAD", "Patient/1"),
        ("GET", "Patient"),
        ("POST", "Observation"),
        ("GET", "metadata"),
    ],
)
def test_level_3_allows_what_scopes_and_policy_both_open(method, path):
    assert level_3(asked(method, path)).allow


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "Condition/1"),
        ("GET", "Condition"),
        ("POST", "Patient"),
        ("PUT", "Observation/1"),
        ("DELETE", "Observation/1"),
        ("PATCH", "Observation/1"),
        ("PUT", "Observation"),
        ("DELETE", "Observation"),
        ("GET", "Patient/1/_history"),
        ("GET", "Patient/1/_history/1"),
        ("GET", "Patient/_history"),
        ("GET", "_history"),
        ("GET", ""),
        ("GET", "$export"),
        ("GET", "Patient/$everything"),
        ("POST", "Patient/1/$everything"),
        ("GET", "$lab-unknown"),
    ],
)
def test_level_3_refuses_everything_else(method, path):
    assert not level_3(asked(method, path)).allow


@pytest.mark.parametrize(
    ("method", "path", "scopes", "actions", "allow"),
    [
        ("PATCH", "Patient/1", "u", ("patch",), True),
        ("PATCH", "Patient/1", "crds", ("patch",), False),
        ("PATCH", "Patient/1", "cruds", ("update",), False),
        ("PATCH", "Patient", "cruds", ("patch",), False),
        ("GET", "Patient/_history", "s", ("history-type",), True),
        ("GET", "Patient/_history", "crud", ("history-type",), False),
        ("GET", "Patient/_history", "cruds", ("history-instance", "read"), False),
        ("GET", "_history", "cruds", ("history-system", "history-type"), False),
        ("GET", "", "cruds", ("search-system", "search-type"), False),
        ("POST", "_search", "cruds", ("search-system", "search-type"), False),
    ],
)
def test_level_3_opens_patches_and_histories_by_a_right_and_an_action(method, path, scopes, actions, allow):
    policy = compile_permission(permission("app", {"Patient": ()}, actions), "app")
    form = {"content-type": "application/x-www-form-urlencoded"} if path == "_search" else {}
    request = parse(method, path, "", form, b"" if form else b"{}", base_url=BASE)
    assert level_3(request, parse_scopes(f"system/Patient.{scopes}"), policy).allow is allow


def test_level_3_knows_every_interaction_or_refuses_it():
    everything = parse_scopes("system/*.cruds")
    for interaction in Interaction:
        decision = level_3(FhirRequest("GET", interaction, BASE, type="Condition", id="1"), everything)
        public = {Interaction.CAPABILITIES, Interaction.BATCH, Interaction.TRANSACTION}
        assert decision.allow is (interaction in public), interaction


@pytest.mark.parametrize(
    "changed",
    [
        {"active": False},
        {"validity": Validity(start=date(2027, 1, 1))},
        {"validity": Validity(end=date(2026, 11, 21))},
    ],
)
def test_level_3_refuses_a_policy_that_is_not_in_force(changed):
    assert not level_3(asked("GET", "Patient/1"), policy=dataclasses.replace(POLICY, **changed)).allow


def test_level_3_refuses_another_purpose_of_use():
    assert not level_3(asked("GET", "Patient/1"), purpose="HRESCH").allow


def view(*requests, policy=POLICY, scopes=SCOPES):
    return level4_cohort.view_of(requests, scopes, policy, "TREAT", "app", TODAY)[0]


def test_level_4_shows_the_cohorts_of_the_policy_and_nothing_else():
    shown = view(asked("GET", "Patient"))
    assert dict(shown.cohorts) == {"Patient": of_pool("Group/g"), "Observation": of_pool("Group/g")}
    assert not shown.sees("Condition")


def test_level_4_leaves_out_of_sub_queries_what_the_scopes_do_not_open():
    assert dict(view(asked("GET", "Patient"), scopes=parse_scopes("system/Patient.rs")).cohorts) == {
        "Patient": of_pool("Group/g")
    }


def test_level_4_ties_page_links_to_the_application_and_its_policy():
    other = compile_permission(permission("app", {"Patient": ("h",)}, ("search-type",)), "app")
    bindings = {view(asked("GET", "Patient"), policy=policy).binding for policy in (POLICY, other)}
    assert len(bindings) == 2


def both(reading, searching):
    rules = [
        permission("app", {"Patient": reading}, ("read",))["rule"][0],
        permission("app", {"Patient": searching}, ("search-type",))["rule"][0],
    ]
    return compile_permission({**permission("app", {}, ()), "rule": rules}, "app")


@pytest.mark.parametrize(
    ("reading", "searching", "together"),
    [
        (("a",), ("a", "b"), of_pool("Group/a")),
        (("a",), (), of_pool("Group/a")),
        ((), ("b",), of_pool("Group/b")),
        (("a",), ("b",), of_pool("Group/a").and_also(of_pool("Group/b"))),
        ((), (), WHOLE),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_level_4_shows_requests_made_together_what_each_of_them_may_see(reading, searching, together, turned):
    requests = [asked("GET", "Patient/1"), asked("GET", "Patient")]
    if turned:
        requests.reverse()
    assert view(*requests, policy=both(reading, searching)).cohort("Patient") == together


def test_level_5_refuses_nothing_without_a_mask():
    assert level5_attributes.decide(asked("GET", "Patient", "address-city=x&_filter=y"), ()).allow


@pytest.mark.parametrize(
    ("path", "query", "mask"),
    [
        ("Observation", "value-quantity=5", "Observation.value"),
        ("Observation", "combo-value-quantity=5", "Observation.value"),
        ("Observation", "code-value-quantity=718-7$5", "Observation.value"),
        ("Patient", "birthdate=lt2000", "Patient.birthDate"),
        ("Patient", "phonetic=x", "Patient.name"),
        ("Patient", "death-date=2020", "Patient.deceased"),
        ("Patient", "email=x", "Patient.telecom.value"),
        ("Patient", "_tag=x", "Patient.meta"),
        ("Encounter", "patient.name=x", "Patient.name"),
        ("Encounter", "_has:Condition:encounter:patient.name=x", "Patient.name"),
    ],
)
def test_level_5_follows_every_way_to_an_element(path, query, mask):
    assert not level5_attributes.decide(asked("GET", path, query), [parse_path(mask)]).allow


@pytest.mark.parametrize(
    ("path", "query", "mask"),
    [
        ("Observation", "code=718-7", "Observation.value"),
        ("Patient", "birthdate=lt2000", "Patient.name"),
        ("Patient", "identifier=urn:a|1,urn:b|2", "Patient.identifier.where(system in ('urn:c'))"),
        ("Encounter", "status=finished&_sort=-date", "Patient.name"),
        ("Patient", "unknown=x", "Patient.name"),
    ],
)
def test_level_5_refuses_no_more_than_it_must(path, query, mask):
    assert level5_attributes.decide(asked("GET", path, query), [parse_path(mask)]).allow


@pytest.mark.parametrize(("level", "status"), [(1, 403), (2, 401), (3, 403), (5, 400)])
def test_the_answer_of_a_level_is_constant(level, status):
    first, second = (answer(refuse(level, rule, rule)) for rule in ("a", "b"))
    assert first == second
    assert first.status == status
    assert ("www-authenticate" in dict(first.headers)) is (status == 401)
