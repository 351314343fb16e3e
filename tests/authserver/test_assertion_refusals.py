"""Each refusal of an assertion, by its reason, and what must be accepted."""

import base64
import hmac
import json
import threading
import time
from contextlib import suppress

import jwt
import pytest
from assertion_bench import AUDIENCE, EC_KEY, KEYS, RSA_KEY, assertion, check, claims, registry
from cryptography.hazmat.primitives.asymmetric import ec

from lab.authserver.assertion import AssertionRefused, UsedIds


def segments(*parts):
    return ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts
    )


def unsigned(header, **changed):
    return segments(header, claims(**changed)) + "."


def nested(depth):
    text = base64.urlsafe_b64encode(b'{"alg":' + b"[" * depth + b"]" * depth + b"}").decode().rstrip("=")
    return f"{text}.{text}.x"


@pytest.mark.parametrize("signed", [({}, EC_KEY, "ES384"), ({"kid": "rsa"}, RSA_KEY, "RS384")])
def test_both_algorithms_of_smart_are_accepted(signed):
    registration, kid = check(assertion(*signed))
    assert registration.client_id == "app"
    assert kid in {"ec", "rsa"}


# Signed when the test runs: a suite may well last longer than an assertion.
REFUSED = {
    "longer than 16 KiB": lambda: assertion(padding="x" * 17_000),
    "not a JSON Web Token": lambda: "not.a.token",
    "alg is not one of": lambda: unsigned({"alg": "none", "kid": "ec"}),
    "jku is no address": lambda: assertion({"jku": "http://127.0.0.1:9/jwks"}),
    "iss is no registered": lambda: assertion(iss="stranger", sub="stranger"),
    "kid is no registered": lambda: assertion({"kid": "unknown"}),
    "cannot be used": lambda: assertion({"kid": "broken"}),
    "iss and sub differ": lambda: assertion(sub="other"),
    "more than 5 minutes": lambda: assertion(exp=int(time.time()) + 3600),
    "jti is not a string": lambda: assertion(jti=""),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_each_refusal_says_why_to_the_journal(reason):
    with pytest.raises(AssertionRefused, match=reason):
        check(REFUSED[reason]())


SIGNATURE_OR_CLAIMS = {
    "wrong key under the right kid": lambda: assertion(key=ec.generate_private_key(ec.SECP384R1())),
    "the key of another kid": lambda: assertion({"kid": "rsa"}),
    "expired": lambda: assertion(exp=int(time.time()) - 60),
    "not yet valid": lambda: assertion(nbf=int(time.time()) + 600),
    "issued in the future": lambda: assertion(iat=int(time.time()) + 600),
    "another audience": lambda: assertion(aud="http://127.0.0.1:9/other"),
    "an audience among several": lambda: assertion(aud=["http://127.0.0.1:9/other", AUDIENCE]),
    "our audience alone in a list": lambda: assertion(aud=[AUDIENCE]),
    "no jti": lambda: assertion(jti=None),
    "no exp": lambda: assertion(exp=None),
    "no sub": lambda: assertion(sub=None),
    "jti not a string": lambda: assertion(jti=["x"]),
    "exp beyond any number": lambda: assertion(exp=float("inf")),
    "exp not a number": lambda: assertion(exp="soon"),
    "unknown crit": lambda: assertion({"crit": ["lab"], "lab": 1}),
}


@pytest.mark.parametrize("case", SIGNATURE_OR_CLAIMS)
def test_signature_and_claims_are_verified(case):
    with pytest.raises(AssertionRefused):
        check(SIGNATURE_OR_CLAIMS[case]())


def test_an_expiry_written_as_text_is_refused():
    with pytest.raises(AssertionRefused, match="5 minutes"):
        check(assertion(exp=str(int(time.time()) + 200)))


def test_a_public_key_is_no_shared_secret():
    """HS256 keyed with the public key, which libraries once accepted."""
    public = json.dumps(KEYS["keys"][0]).encode()
    said = segments({"alg": "HS256", "kid": "ec"}, claims())
    signature = base64.urlsafe_b64encode(hmac.digest(public, said.encode(), "sha256")).rstrip(b"=").decode()
    with pytest.raises(AssertionRefused, match="alg"):
        check(f"{said}.{signature}")


@pytest.mark.parametrize("name", ["jwk", "x5c"])
def test_a_key_that_the_assertion_brings_is_not_believed(name):
    own = ec.generate_private_key(ec.SECP384R1())
    public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(own.public_key()))
    with pytest.raises(AssertionRefused):
        check(assertion({name: public if name == "jwk" else ["MII="]}, own))


@pytest.mark.parametrize("kid", ["../../dev/null", "' OR 1=1", ""])
def test_a_kid_is_a_name_and_nothing_else(kid):
    with pytest.raises(AssertionRefused, match="kid"):
        check(assertion({"kid": kid}))


@pytest.mark.parametrize(
    "said", ["", "..", "a.b", "é.è.à", nested(5000), segments({"alg": "ES384"}, [1]) + "."]
)
def test_nonsense_is_refused_without_an_error(said):
    with pytest.raises(AssertionRefused):
        check(said)


def test_a_disabled_application_is_refused_at_once():
    known = registry()
    said = assertion()
    known.disable("app")
    with pytest.raises(AssertionRefused, match="registered"):
        check(said, known=known)


def test_an_assertion_serves_once():
    used, said = UsedIds(), assertion()
    check(said, used)
    with pytest.raises(AssertionRefused, match="already used"):
        check(said, used)


def test_two_issuers_may_draw_the_same_jti():
    used = UsedIds()
    assert used.take("a", "1", time.time() + 60)
    assert used.take("b", "1", time.time() + 60)
    assert not used.take("a", "1", time.time() + 60)


def test_a_jti_is_forgotten_once_its_assertion_has_expired():
    now = [1000.0]
    used = UsedIds(lambda: now[0])
    assert used.take("a", "1", 1100)
    now[0] = 1099.0
    assert not used.take("a", "1", 1100)
    now[0] = 1101.0
    assert used.take("a", "1", 1300)


def test_of_fifty_racing_callers_exactly_one_wins():
    used, said = UsedIds(), assertion()
    together, won = threading.Barrier(50), []

    def race():
        together.wait()
        with suppress(AssertionRefused):
            won.append(check(said, used))

    racers = [threading.Thread(target=race) for _ in range(50)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()
    assert len(won) == 1
