"""Level 2 as pure functions: who holds a bound token, and whose allowance a request is taken from."""

import json
from ipaddress import ip_network

import pytest

from lab.authserver.rate_limit import Rate, RateLimits
from lab.authserver.registry import Registration
from lab.authserver.tokens import Grant
from lab.fhir.policy import Policy
from lab.fhir.scopes import parse_scopes
from lab.gateway import level2_application, wellknown
from lab.gateway.decision import answer, too_many

SCOPES = parse_scopes("system/Patient.rs")
POLICY = Policy("p", "1", active=True, networks=(ip_network("127.0.0.1/32"),), permits=())


def registration(**more):
    return Registration("app", {}, SCOPES, POLICY, **more)


def grant(**more):
    return Grant("app", SCOPES, float("inf"), **more)


@pytest.mark.parametrize(
    ("demanded", "bound_to", "shown", "allowed"),
    [
        (False, "", "", True),
        (False, "", "mine", True),
        (False, "mine", "mine", True),
        (False, "mine", "another", False),
        (False, "mine", "", False),
        (True, "mine", "mine", True),
        (True, "mine", "another", False),
        (True, "", "mine", False),
        (True, "", "", False),
    ],
)
def test_a_bound_token_is_of_use_to_its_holder_alone(demanded, bound_to, shown, allowed):
    known = registration(certificate_bound=demanded)
    decision = level2_application.possession(grant(certificate=bound_to), known, shown)
    assert (decision.level, decision.allow) == (2, allowed)
    assert allowed or (decision.rule, answer(decision).status) == ("certificate", 401)


def test_an_application_above_its_rate_is_refused_with_the_seconds_to_wait():
    limits, known = RateLimits(clock=lambda: 1.0), registration(rate=Rate(0.5, 2))
    decided = [level2_application.within_rate(grant(), known, limits) for _ in range(3)]
    assert [(one.allow, wait) for one, wait in decided] == [(True, 0), (True, 0), (False, 2)]
    assert (decided[2][0].level, decided[2][0].rule) == (2, "rate")
    refused = too_many(1.2)
    assert refused.status == 429
    assert dict(refused.headers)["retry-after"] == "2"
    assert refused.body == too_many(7).body


def test_what_the_laboratory_sends_is_not_taken_from_the_application():
    limits, known = RateLimits(clock=lambda: 1.0), registration(rate=Rate(1, 1))
    assert level2_application.within_rate(grant(probing=True), known, limits)[0].allow
    assert level2_application.within_rate(grant(), known, limits)[0].allow
    assert not level2_application.within_rate(grant(), known, limits)[0].allow


def test_without_a_rate_nothing_is_counted():
    limits = RateLimits(clock=lambda: 1.0)
    assert all(level2_application.within_rate(grant(), registration(), limits)[0].allow for _ in range(1000))


def test_the_smart_configuration_offers_what_there_is():
    token, introspect, revoke = (f"http://127.0.0.1:1/{name}" for name in ("token", "introspect", "revoke"))
    told = json.loads(wellknown.smart_configuration(token, introspect, revocation_url=revoke).body)
    assert told["grant_types_supported"] == ["client_credentials"]
    assert told["token_endpoint_auth_signing_alg_values_supported"] == ["RS384", "ES384"]
    assert (told["introspection_endpoint"], told["revocation_endpoint"]) == (introspect, revoke)
    assert told["tls_client_certificate_bound_access_tokens"] is False
    assert not {"authorization_endpoint", "registration_endpoint", "jwks_uri", "issuer"} & told.keys()
    without = json.loads(wellknown.smart_configuration(token, introspect).body)
    assert not any(name.startswith("revocation") for name in without)
