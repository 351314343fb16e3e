"""Random assertions and forms at the token endpoints: sound, or spoilt in one or two places.

Spec: https://hl7.org/fhir/smart-app-launch/STU2.2/client-confidential-asymmetric.html
"""

from dataclasses import replace
from random import Random
from typing import Any

from lab.proof.reference.tokens import INTROSPECT, REVOKE, TOKEN, Assertion, Client, Form, Office

UNSOUND = ("encryption", "private", "curve", "signing-only")
"""Registered keys that verify nothing: for encryption, published whole, on another curve, for signing."""

URL = "https://keys.test/one"


def clients() -> tuple[Client, ...]:
    """Return the applications that are registered."""
    every = frozenset({("*", letter) for letter in "cruds"})
    reading = frozenset({("Patient", "r"), ("Patient", "s"), ("Observation", "r")})
    return (
        Client("one", frozenset({"one-a", "one-b", *UNSOUND}), reading, jwks_url=URL),
        Client("two", frozenset({"two-a"}), every, resource_server=True),
        Client("bound", frozenset({"bound-a"}), reading, certificate_bound=True),
        Client("gone", frozenset({"gone-a"}), reading, disabled=True),
    )


def request(chance: Random, office: Office, number: int) -> tuple[Form, Assertion]:
    """Draw a request; one in three is sound."""
    client = chance.choice([*office.clients.values(), office.clients["one"], office.clients["two"]])
    kid = chance.choice(sorted(client.keys & office.sound))
    assertion = Assertion(
        issuer=client.id,
        subject=client.id,
        audience="ours",
        lives=chance.choice([30, 200, 290]),
        jti=f"{number}",
        kid=kid,
        signer=kid,
        jku=chance.choice(["", "", client.jwks_url]),
    )
    form = Form(
        endpoint=chance.choice([TOKEN] * 6 + [INTROSPECT, INTROSPECT, REVOKE]),
        scope=frozenset(chance.sample(_RIGHTS, chance.randint(1, 3))),
        certificate=chance.choice(["", "A"]) if client.certificate_bound else "",
        token=chance.choice([*list(office.tokens)[-6:], "unknown"]),
    )
    for _ in range(chance.choice([0, 1, 1, 1, 1, 2])):
        if chance.random() < 0.8:
            assertion = replace(assertion, **_fault(chance, office, client))
        else:
            form = replace(form, **_fault_of_form(chance))
    return form, assertion


_RIGHTS = [(type_, letter) for type_ in ("Patient", "Observation", "*", "Group") for letter in "rsu"]


def _fault(chance: Random, office: Office, client: Client) -> dict[str, Any]:
    """Return one thing that makes an assertion unsound, or that only looks so."""
    others = sorted(one for one in office.clients if one != client.id)
    taken = sorted(jti for issuer, jti in office.used if issuer == client.id)
    elsewhere = sorted(jti for issuer, jti in office.used if issuer != client.id)
    stranger = chance.choice(
        ["stranger", *(kid for one in others for kid in sorted(office.clients[one].keys))]
    )
    return chance.choice(
        [
            {"issuer": chance.choice([*others, "nobody"])},
            {"subject": chance.choice([*others, "nobody"])},
            {"audience": chance.choice(["list", "several", "endpoint", "host", "slash", "none"])},
            {"audience": chance.choice(["list", "several", "endpoint"])},
            {"lives": chance.choice([301, 400, 3_600, 86_400])},
            {"lives": chance.choice([-1, -60, -4_000])},
            {"lives": None},
            {"jti": chance.choice(taken or ["again"])},
            {"jti": chance.choice(taken or ["again"])},
            {"jti": chance.choice(elsewhere or ["other"])},
            {"jti": chance.choice([None, ""])},
            {"kid": chance.choice([None, "", "unknown", *others])},
            {"kid": (unsound := chance.choice(UNSOUND)), "signer": unsound},
            {"kid": stranger, "signer": stranger},
            {"signer": stranger if stranger not in UNSOUND else "stranger"},
            {"signer": "stranger"},
            {"algorithm": chance.choice(["none", "HS384", "ES256", "RS256"])},
            {"jku": chance.choice(["https://elsewhere.test/keys", f"{URL}/", f"{URL}?x"])},
            {"begins": chance.choice([200, 4_000])},
        ]
    )


def _fault_of_form(chance: Random) -> dict[str, Any]:
    return chance.choice(
        [
            {"grant_type": chance.choice(["password", "authorization_code", ""])},
            {"assertion_type": False},
            {"repeated": True},
            {"method": chance.choice(["GET", "PUT"])},
            {"inside": False},
            {"scope": frozenset({("Group", "u")})},
        ]
    )
