"""A registered application with its keys, and assertions that are right but for what a test changes."""

import json
import time
import uuid
from dataclasses import replace
from ipaddress import ip_network

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from lab.authserver.assertion import UsedIds, verify
from lab.authserver.registry import Registration, Registry
from lab.fhir.policy import Policy
from lab.fhir.scopes import parse_scopes

AUDIENCE = "http://127.0.0.1:9/token"
EC_KEY = ec.generate_private_key(ec.SECP384R1())
RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
POLICY = Policy("p", "1", active=True, networks=(ip_network("127.0.0.0/8"),), permits=())


def jwk(algorithm, key, **marks):
    return {**json.loads(algorithm.to_jwk(key.public_key())), **marks}


KEYS = {
    "keys": [
        jwk(ECAlgorithm, EC_KEY, kid="ec", alg="ES384"),
        jwk(RSAAlgorithm, RSA_KEY, kid="rsa", alg="RS384"),
        {"kty": "EC", "crv": "P-384", "kid": "broken", "alg": "ES384"},
    ]
}


def registration(client_id="app", keys=KEYS, **more):
    known = {
        "client_id": client_id,
        "jwks": keys,
        "scopes": parse_scopes("system/Patient.rs"),
        "policy": POLICY,
    }
    return Registration(**{**known, **more})


def registry(*more, state=None):
    return Registry([registration(), registration("other", {"keys": []}), *more], state)


def policy(*networks):
    """Return a policy that opens nothing but these networks."""
    return replace(POLICY, networks=tuple(ip_network(network) for network in networks))


def claims(**changed):
    now = int(time.time())
    right = {
        "iss": "app",
        "sub": "app",
        "aud": AUDIENCE,
        "iat": now,
        "exp": now + 200,
        "jti": str(uuid.uuid4()),
    }
    return {name: value for name, value in {**right, **changed}.items() if value is not None}


def assertion(headers=None, key=EC_KEY, algorithm="ES384", **changed):
    return jwt.encode(claims(**changed), key, algorithm=algorithm, headers={"kid": "ec", **(headers or {})})


def check(said, used=None, known=None):
    return verify(said, registry=known or registry(), audience=AUDIENCE, used=used or UsedIds())
