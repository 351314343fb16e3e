"""Which registered keys verify an assertion, and which are refused though their kid is right."""

import json

import pytest
from assertion_bench import EC_KEY, RSA_KEY, assertion, check, jwk, registration
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from jwt.warnings import InsecureKeyLengthWarning

from lab.authserver.assertion import AssertionRefused
from lab.authserver.json_web_key import named
from lab.authserver.registry import Registry

EC = jwk(ECAlgorithm, EC_KEY, kid="ec")
RSA = jwk(RSAAlgorithm, RSA_KEY, kid="ec")
SMALL = rsa.generate_private_key(65537, 1024)  # noqa: S505 - this is what is refused
OTHER_CURVE = ec.generate_private_key(ec.SECP256R1())


def checked(*keys, **signed):
    known = Registry([registration(keys={"keys": list(keys)})])
    return check(assertion(**signed), known=known)


@pytest.mark.parametrize(
    "marks",
    [{}, {"use": "sig"}, {"key_ops": ["verify"]}, {"alg": "ES384"}, {"x5c": ["ignored"], "x5t": "ignored"}],
)
def test_a_sound_public_key_verifies(marks):
    assert checked({**EC, **marks})[1] == "ec"


def test_an_rsa_key_without_alg_verifies_rs384():
    assert checked(RSA, key=RSA_KEY, algorithm="RS384")[1] == "ec"


PRIVATE = {**json.loads(ECAlgorithm.to_jwk(EC_KEY)), "kid": "ec"}
REFUSED = {
    "wrong use": ({**EC, "use": "enc"}, "not for signatures"),
    "wrong operations": ({**EC, "key_ops": ["encrypt"]}, "not for verifying"),
    "operations that are no list": ({**EC, "key_ops": "verify"}, "not for verifying"),
    "private key": (PRIVATE, "private part"),
    "shared secret": ({"kty": "oct", "k": "c2VjcmV0", "kid": "ec"}, "no EC key"),
    "another kind": (RSA, "no EC key"),
    "another algorithm": ({**EC, "alg": "ES256"}, "another algorithm"),
    "another curve": (jwk(ECAlgorithm, OTHER_CURVE, kid="ec"), "P-384"),
    "a point off the curve": ({**EC, "x": EC["y"]}, "cannot be used"),
    "numbers for texts": ({**EC, "x": 5}, "cannot be used"),
    "no kid": ({name: value for name, value in EC.items() if name != "kid"}, "kid is no registered"),
    "a kid of another type": ({**EC, "kid": ["ec"]}, "kid is no registered"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_key_to_verify_with_is_refused(case):
    key, reason = REFUSED[case]
    with pytest.raises(AssertionRefused, match=reason):
        checked(key)


def test_a_short_rsa_key_is_refused():
    with pytest.warns(InsecureKeyLengthWarning):
        said = assertion(key=SMALL, algorithm="RS384")
    known = Registry([registration(keys={"keys": [jwk(RSAAlgorithm, SMALL, kid="ec")]})])
    with pytest.raises(AssertionRefused, match="less than 2048 bits"):
        check(said, known=known)


@pytest.mark.parametrize("jwks", [{}, {"keys": None}, {"keys": {"ec": EC}}, {"keys": [None, 5, "ec", [EC]]}])
def test_what_is_no_key_set_holds_no_key(jwks):
    assert named(jwks, "ec") == []
