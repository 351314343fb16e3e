"""The token endpoint and introspection over HTTP: what is granted, what is refused, what is remembered."""

import base64
import time
from ipaddress import ip_network

import httpx
import pytest
from assertion_bench import KEYS, assertion, policy, registration, registry
from token_bench import serving

from lab.authserver.assertion import MAX_LIFETIME_S
from lab.authserver.rate_limit import Rate
from lab.authserver.registry import Registry
from lab.authserver.state import State


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


def test_introspection_tells_whose_token_it_is_and_of_when(bench):
    token = bench.ask().json()["access_token"]
    told = bench.ask("introspect", token=token).json()
    assert (told["sub"], told["iss"], told["token_type"]) == ("app", bench.server.url, "bearer")
    assert told["exp"] - told["iat"] == bench.server.tokens.lifetime_s
    assert "cnf" not in told


def test_another_applications_token_is_not_told_from_an_unknown_one(tmp_path):
    key = {"keys": [{**KEYS["keys"][0]}]}
    others = (registration("neighbour", key), registration("server", key, resource_server=True))
    with serving(tmp_path, registry(*others)) as bench:
        token = bench.ask().json()["access_token"]

        def told(client, token):
            url = bench.server.introspection_url
            said = assertion(aud=url, iss=client, sub=client)
            return bench.ask("introspect", client_assertion=said, token=token)

        assert told("neighbour", token).content == told("neighbour", "unknown").content == b'{"active":false}'
        assert told("server", token).json()["client_id"] == "app"
        bench.server.registry.disable("app")
        assert told("server", token).json() == {"active": False}


def test_an_application_revokes_its_own_token_at_once(bench):
    one, two = (bench.ask().json()["access_token"] for _ in range(2))
    hint = {"token_type_hint": "refresh_token"}
    answer = bench.ask("revoke", token=one, **hint)
    assert (answer.status_code, answer.json()) == (200, {})
    assert bench.ask("introspect", token=one).json() == {"active": False}
    assert bench.ask("introspect", token=two).json()["active"]
    assert bench.ask("revoke", token=one).content == answer.content
    assert bench.ask("revoke", token=f"{one}x").content == answer.content
    assert bench.ask("revoke").json() == {"error": "invalid_request"}
    assert bench.ask("revoke", token=two, client_assertion=None).status_code == 401
    assert bench.ask("introspect", token=two).json()["active"]


def test_a_token_of_another_is_not_revoked_and_the_answer_does_not_tell(tmp_path):
    with serving(tmp_path, registry(registration("neighbour"))) as bench:
        token = bench.ask().json()["access_token"]
        said = assertion(aud=bench.server.revocation_url, iss="neighbour", sub="neighbour")
        answer = bench.ask("revoke", client_assertion=said, token=token)
        assert (answer.status_code, answer.json()) == (200, {})
        assert bench.ask("introspect", token=token).json()["active"]


def test_a_refused_address_gets_one_answer_before_anything_is_read(bench):
    with httpx.Client(transport=httpx.HTTPTransport(local_address="127.0.0.2"), trust_env=False) as http:
        assert bench.ask(http=http).status_code == 200  # the applications may call from 127.0.0.0/8
    closed = registration(policy=policy("10.31.0.0/16"))
    with serving(bench.journal.parent / "elsewhere", Registry([closed])) as shut:
        answers = [
            shut.ask(),
            shut.ask(client_assertion="x"),
            shut.ask("introspect"),
            shut.http.get(f"{shut.server.url}/anything"),
            shut.http.post(shut.server.token_url, content=b"x" * 100_000),
            shut.ask(headers={"X-Forwarded-For": "10.31.0.5"}),
        ]
        assert {(one.status_code, one.content) for one in answers} == {(403, b'{"error":"access_denied"}')}
        seen = shut.recorded[0]
        assert (seen.decision.level, seen.decision.allow, seen.decision.rule) == (1, False, "network")


def test_an_application_takes_no_token_from_the_network_of_another(tmp_path):
    narrow = registration("narrow", policy=policy("127.0.0.3/32"))
    with serving(tmp_path, registry(narrow)) as bench:

        def from_address(address):
            said = assertion(aud=bench.server.token_url, iss="narrow", sub="narrow")
            transport = httpx.HTTPTransport(local_address=address)
            with httpx.Client(transport=transport, trust_env=False) as http:
                return bench.ask(http=http, client_assertion=said).status_code

        assert [from_address(address) for address in ("127.0.0.1", "127.0.0.3")] == [403, 200]
        assert (bench.recorded[0].client, bench.recorded[0].decision.level) == ("narrow", 1)


def test_an_ipv4_caller_of_an_ipv6_socket_is_judged_as_ipv4(tmp_path):
    with serving(tmp_path, registry(), dual=True) as bench:
        assert bench.ask().status_code == 200
        assert bench.recorded[-1].facts["peer"] == "::ffff:127.0.0.1"
        said = assertion(aud=bench.server.token_url)
        url = bench.server.token_url.replace("127.0.0.1", "[::1]")
        refused = bench.http.post(url, data={"client_assertion": said})
        assert (refused.status_code, bench.recorded[-1].facts["peer"]) == (403, "::1")


def test_behind_a_proxy_the_last_hop_decides(tmp_path):
    inside = registration("inside", policy=policy("10.31.0.0/16"))
    with serving(tmp_path, Registry([inside]), proxies=(ip_network("127.0.0.1/32"),)) as bench:

        def told(**headers):
            said = assertion(aud=bench.server.token_url, iss="inside", sub="inside")
            return bench.ask(client_assertion=said, headers=headers).status_code

        assert told(**{"X-Forwarded-For": "192.0.2.1, 10.31.0.5"}) == 200
        assert told(Forwarded="for=10.31.0.5") == 200
        assert told(**{"X-Forwarded-For": "10.31.0.5, 192.0.2.1"}) == 403
        assert told(**{"X-Forwarded-For": "10.31.0.5", "Forwarded": "for=10.31.0.6"}) == 403
        assert told() == 403
        assert bench.recorded[0].facts["peer"] == "10.31.0.5"


def test_a_peer_that_tries_keys_is_slowed_down_and_others_are_not(tmp_path):
    with serving(tmp_path, registry(), peer_rate=Rate(0.5, 10)) as bench:
        answers = [bench.ask(client_assertion="x") for _ in range(30)]
        assert [one.status_code for one in answers].count(401) == 10
        slowed = [one for one in answers if one.status_code == 429]
        assert {one.content for one in slowed} == {b'{"error":"slow_down"}'}
        assert all(1 <= int(one.headers["retry-after"]) <= 2 for one in slowed)
        assert (bench.recorded[-1].decision.level, bench.recorded[-1].decision.rule) == (2, "rate")
        with httpx.Client(transport=httpx.HTTPTransport(local_address="127.0.0.2"), trust_env=False) as http:
            assert bench.ask(http=http).status_code == 200


def test_an_application_that_takes_too_many_tokens_is_slowed_down_alone(tmp_path):
    hasty = registration("hasty", rate=Rate(0.1, 2))
    with serving(tmp_path, registry(hasty)) as bench:

        def take():
            said = assertion(aud=bench.server.token_url, iss="hasty", sub="hasty")
            return bench.ask(client_assertion=said).status_code

        assert [take() for _ in range(4)] == [200, 200, 429, 429]
        assert bench.ask().status_code == 200


@pytest.mark.parametrize("path", ["token", "introspect", "revoke"])
def test_when_the_state_fails_nobody_gets_anything(tmp_path, path):
    state = State(tmp_path / "state.db")
    known = registry(state=state)
    with serving(tmp_path, known, state) as bench:
        token = bench.ask().json()["access_token"]
        (tmp_path / "state.db").unlink()
        time.sleep(0.06)  # the file is looked for every 50 ms
        answer = bench.ask(path, token=token)
        assert (answer.status_code, answer.json()) == (503, {"error": "temporarily_unavailable"})
        assert bench.recorded[-1].decision.rule == "state"
