"""Tokens of the personas: asked for, consumed in order, never shown."""

from dataclasses import replace

import jwt
import pytest
from jwt import PyJWK
from load_hospital import hospital

from lab.checking.keys import new_key
from lab.load.catalogue import profiles
from lab.load.error import LoadError
from lab.load.plan import Persona, build
from lab.load.session import Session
from lab.load.target import Signer, TokenRequest
from lab.load.wire import Wire


@pytest.fixture
def wire():
    """One pool of connections."""
    wire = Wire(timeout_s=5.0, body_cap=10_000)
    yield wire
    wire.close()


def plan(target):
    return build(profiles()["P02"], target, duration_s=4.0, scale=1.0, seed=5)


def first(made, route):
    return next(arrival for arrival in made.arrivals if arrival.route == route)


def test_a_token_is_used_until_the_next_one_is_granted(wire):
    with hospital() as server:
        made = plan(server.target())
        session = Session(made, wire, since="2026-01-01T00:00:00Z")
        session.open()
        assert session.answer(first(made, "refused-mask")).status == 200
        assert session.answer(first(made, "token")).status == 200
        assert session.answer(first(made, "refused-mask")).status == 200
        assert len([token for token in server.tokens if token.startswith("granted")]) == 2


def test_a_persona_whose_token_was_refused_sends_nothing(wire):
    with hospital() as server:
        made = plan(server.target())
        server.assertions.clear()
        session = Session(made, wire, since="2026-01-01T00:00:00Z")
        session.open()
        answer = session.answer(first(made, "refused-mask"))
        assert (answer.status, answer.failure) == (0, "no token was granted")
        assert server.paths == []


def test_assertions_are_of_one_use_and_running_out_is_our_defect(wire):
    with hospital() as server:
        made = plan(server.target(assertions=2))
        session = Session(made, wire, since="2026-01-01T00:00:00Z")
        session.open()
        assert session.answer(first(made, "token")).status == 200
        with pytest.raises(LoadError, match="has used its 2 client assertions"):
            session.answer(first(made, "token"))


def test_a_signed_assertion_is_made_for_each_request_when_it_leaves(wire):
    pair = new_key("laboratory")
    signer = Signer("narrow-client", "https://hospital.invalid/token", pair.private, pair.kid)
    with hospital() as server:
        made = plan(server.target())
        full, narrow = made.personas
        narrow = replace(narrow, token=TokenRequest(narrow.token.form, signer=signer))
        session = Session(replace(made, personas=(full, narrow)), wire, since="2026-01-01T00:00:00Z")
        session.open()
        session.answer(first(made, "token"))
        sent = [form["client_assertion"][0] for form in server.forms]
    key = PyJWK(pair.public).key
    claims = [jwt.decode(one, key, ["ES384"], audience=signer.audience) for one in sent]
    assert len({said["jti"] for said in claims}) == 2
    assert {said["sub"] for said in claims} == {"narrow-client"}
    assert signer.key not in repr(narrow)


def test_polls_ask_since_the_start_of_the_run(wire):
    with hospital() as server:
        made = plan(server.open_target())
        Session(made, wire, since="2026-01-01T00:00:00Z").answer(first(made, "poll"))
        assert server.paths == ["/open/Encounter?_lastUpdated=ge2026-01-01T00:00:00Z"]


def test_a_bearer_that_no_header_can_carry_is_refused_without_being_shown(wire):
    with hospital() as server:
        made = replace(plan(server.open_target()), personas=(Persona("anyone", bearer="secret\r\nX: y"),))
    with pytest.raises(LoadError, match="The bearer of persona anyone") as refused:
        Session(made, wire, since="2026-01-01T00:00:00Z")
    assert "secret" not in str(refused.value)
