"""The token endpoint and introspection over HTTP: what is granted, what is refused, what is remembered."""

import base64

import pytest
from assertion_bench import assertion

from lab.authserver.assertion import MAX_LIFETIME_S


def test_a_token_lives_five_minutes_at_most_and_says_its_scope(bench):
    answer = bench.ask()
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert (body["token_type"], body["scope"]) == ("bearer", "system/Patient.rs")
    assert 0 < body["expires_in"] <= MAX_LIFETIME_S


@pytest.mark.parametrize("asked", ["system/*.cruds", "system/Patient.cruds system/Group.rs", "system/*.read"])
def test_asking_for_more_gives_what_is_registered(bench, asked):
    assert bench.ask(scope=asked).json()["scope"] == "system/Patient.rs"


@pytest.mark.parametrize(
    "asked",
    ["", "system/Patient.sr", "system/Patient.rs ", "system/Patient.rs\u00a0", "user/Patient.rs", "openid"],
)
def test_what_is_no_scope_is_never_guessed_at(bench, asked):
    answer = bench.ask(scope=asked)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


def test_scopes_of_others_give_nothing(bench):
    assert bench.ask(scope="system/Group.rs").json()["error"] == "invalid_scope"


@pytest.mark.parametrize(
    ("changed", "status", "error"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"client_assertion_type": "jwt"}, 401, "invalid_client"),
        ({"client_assertion": "x"}, 401, "invalid_client"),
        ({"client_assertion": None}, 401, "invalid_client"),
        ({"scope": ["system/Patient.rs", "system/Patient.r"]}, 400, "invalid_request"),
    ],
)
def test_the_error_is_that_of_oauth(bench, changed, status, error):
    answer = bench.ask(**changed)
    assert (answer.status_code, answer.json()) == (status, {"error": error})


@pytest.mark.parametrize("body", [b"\xff", b"grant_type", b"{}", b"a=1&" * 20_000])
def test_a_form_that_cannot_be_read_is_refused(bench, body):
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = bench.http.post(f"{bench.server.url}/token", content=body, headers=headers)
    assert answer.status_code in {400, 413}
    assert answer.json()["error"] == "invalid_request"


def test_an_assertion_made_to_break_its_readers_is_refused_and_recorded(bench):
    nested = base64.urlsafe_b64encode(b'{"alg":' + b"[" * 5000 + b"]" * 5000 + b"}").decode().rstrip("=")
    before = len(bench.recorded)
    answer = bench.ask(client_assertion=f"{nested}.{nested}.x")
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})
    assert bench.recorded[before].facts["assertion"] == {"readable": False}


def test_an_assertion_for_one_endpoint_does_not_serve_at_the_other(bench):
    said = assertion(aud=bench.server.token_url)
    assert bench.ask("introspect", client_assertion=said).status_code == 401


def test_introspection_tells_a_token_in_force_from_another(bench):
    token = bench.ask().json()["access_token"]
    told = bench.ask("introspect", token=token).json()
    assert (told["active"], told["client_id"], told["scope"]) == (True, "app", "system/Patient.rs")
    assert bench.ask("introspect", token=f"{token}x").json() == {"active": False}
    anonymous = bench.http.post(bench.server.introspection_url, data={"token": token})
    assert anonymous.status_code == 401


def test_a_revoked_token_is_no_longer_active(bench):
    token = bench.ask().json()["access_token"]
    bench.server.tokens.revoke("app")
    assert bench.ask("introspect", token=token).json() == {"active": False}


def test_the_journal_holds_neither_token_nor_assertion_but_tells_a_replay(bench):
    said = assertion(aud=bench.server.token_url)
    before = len(bench.recorded)
    token = bench.ask(client_assertion=said).json()["access_token"]
    assert bench.ask(client_assertion=said).status_code == 401
    first, second = bench.recorded[before:]
    text = bench.journal.read_text()
    assert token not in text
    assert said not in text
    assert said.split(".")[2] not in text
    assert first.facts["assertion"]["claims"]["jti"] == second.facts["assertion"]["claims"]["jti"]
    assert "jti was already used" in str(second.facts["refused"])
    assert first.client == "app"


@pytest.mark.parametrize(("method", "path"), [("GET", "token"), ("POST", "tokens"), ("PUT", "introspect")])
def test_anything_else_is_refused(bench, method, path):
    assert bench.http.request(method, f"{bench.server.url}/{path}").status_code in {400, 404}
