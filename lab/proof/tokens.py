"""Tokens: random assertions at the token endpoints, judged by what the reference says is owed.

Spec: https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html; promises P1 and P6
"""

import asyncio
import base64
import json
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode

import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from lab.authserver.application import ASSERTION_TYPE, application
from lab.authserver.rate_limit import Rate
from lab.authserver.registry import Registration, Registry
from lab.authserver.server import TokenServer
from lab.authserver.tokens import Tokens
from lab.authserver.used_ids import UsedIds
from lab.fhir.permission import compile_permission
from lab.fhir.scopes import Scopes
from lab.journal.journal import Journal
from lab.journal.redact import Redactor
from lab.proof.admission import permission
from lab.proof.grammar.asserting import UNSOUND, clients, request
from lab.proof.reference.admission import Application
from lab.proof.reference.tokens import LONGEST_S, Assertion, Client, Form, Office, Owed, owed
from lab.proof.world import Json

_URL = "https://tokens.test"
_PATIENT = Rate(1e9, 1_000_000_000)
"""Who guesses is slowed down in a test of its own: what is owed here knows no clock."""
_NETWORK, _INSIDE, _OUTSIDE = "10.31.0.0/16", "10.31.4.7", "10.32.4.7"


def assertions(seed: str, requests: int) -> Iterator[str]:
    """Yield what is wrong with each answer, empty for nothing."""
    chance = Random(f"{seed}/office")  # noqa: S311 - a proof, not a secret
    with ExitStack() as ending:
        desk = _Desk(chance, ending)
        for number in range(requests):
            yield desk.ask(number)


class _Desk:
    """A token server, asked in process, and what the reference knows of it."""

    def __init__(self, chance: Random, ending: ExitStack) -> None:
        self._chance = chance
        known = {one.id: one for one in clients()}
        sound = frozenset(kid for one in known.values() for kid in one.keys if kid not in UNSOUND)
        self._office = Office(known, sound)
        registry = Registry(_registration(one) for one in known.values())
        for one in known.values():
            if one.disabled:
                registry.disable(one.id)
        journal = Journal(Path("/dev/null"), "P")
        ending.callback(journal.close)
        self._tokens = Tokens()
        self._app = application(
            TokenServer(
                url=_URL,
                registry=registry,
                tokens=self._tokens,
                used=UsedIds(),
                journal=journal,
                redactor=Redactor(b"0" * 32),
                started=time.monotonic(),
                wrong_rate=_PATIENT,
            )
        )
        self._loop = asyncio.new_event_loop()
        ending.callback(self._loop.close)

    def ask(self, number: int) -> str:
        """Send one request, and return what is wrong with the answer."""
        form, assertion = request(self._chance, self._office, number)
        status, body = self._loop.run_until_complete(self._sent(form, assertion))
        wanted = owed(self._office, form, assertion)
        found = orjson.loads(body) if body else {}
        if status != wanted.status:
            return f"status {status}, owed {wanted.status}"
        if wanted.error:
            return (
                ""
                if found.get("error") == wanted.error
                else f"error {found.get('error')}, owed {wanted.error}"
            )
        return self._judged(form, assertion, wanted, found)

    def _judged(self, form: Form, assertion: Assertion, wanted: Owed, found: Json) -> str:
        if wanted.active is not None:
            told = found.get("active")
            return "" if told == wanted.active else f"active {told}, owed {wanted.active}"
        if not wanted.rights:
            return ""
        grant = self._tokens.grant(found["access_token"])
        if grant is None or grant.client_id != assertion.issuer:
            return "the token is not of who asserted"
        self._office.tokens[found["access_token"]] = assertion.issuer
        bound = self._office.clients[assertion.issuer].certificate_bound
        if grant.certificate != (_thumbprint(form.certificate) if bound else ""):
            return "the token is bound to another certificate, or to none"
        if grant.expires - time.time() > LONGEST_S or found["expires_in"] > LONGEST_S:
            return "the token lives too long"
        return "" if grant.scopes.rights == wanted.rights else f"scope {found['scope']}"

    async def _sent(self, form: Form, assertion: Assertion) -> tuple[int, bytes]:
        address = f"{_URL}/{form.endpoint}"
        fields = [
            ("grant_type", form.grant_type),
            ("client_assertion_type", ASSERTION_TYPE if form.assertion_type else "urn:x"),
            ("client_assertion", _written(assertion, address)),
            ("scope", " ".join(f"system/{type_}.{letter}" for type_, letter in sorted(form.scope))),
            ("token", form.token),
        ]
        fields += [("scope", "system/*.cruds")] if form.repeated else []
        scope: Json = {
            "type": "http",
            "http_version": "1.1",
            "method": form.method,
            "path": f"/{form.endpoint}",
            "raw_path": f"/{form.endpoint}".encode(),
            "query_string": b"",
            "headers": [(b"host", b"tokens.test"), (b"content-type", b"application/x-www-form-urlencoded")],
            "client": (_INSIDE if form.inside else _OUTSIDE, 50_000),
            "extensions": {"tls": {"client_cert_chain": _chain(form.certificate)}},
        }
        messages: list[Any] = []

        async def receive() -> Json:
            return {"type": "http.request", "body": urlencode(fields).encode(), "more_body": False}

        async def send(message: Any) -> None:
            messages.append(message)

        await self._app(scope, receive, send)
        return messages[0]["status"], b"".join(part.get("body", b"") for part in messages[1:])


def _registration(one: Client) -> Registration:
    policy = compile_permission(permission(Application(one.id, (_NETWORK,), frozenset())), one.id)
    return Registration(
        one.id,
        {"keys": [_public(kid) for kid in sorted(one.keys)]},
        Scopes(one.rights),
        policy,
        certificate_bound=one.certificate_bound,
        resource_server=one.resource_server,
        jwks_url=one.jwks_url,
    )


@lru_cache(maxsize=32)
def _key(kid: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1() if kid == "curve" else ec.SECP384R1())


@lru_cache(maxsize=32)
def _public(kid: str) -> Json:
    """Return a key as it is registered."""
    whole = kid == "private"
    found = json.loads(ECAlgorithm.to_jwk(_key(kid) if whole else _key(kid).public_key()))
    marks: Json = {"kid": kid, "use": "enc" if kid == "encryption" else "sig"}
    return {**found, **marks, **({"key_ops": ["sign"]} if kid == "signing-only" else {})}


def _written(assertion: Assertion, address: str) -> str:
    now = int(time.time())
    lives = assertion.lives
    claims: Json = {
        "iss": assertion.issuer,
        "sub": assertion.subject,
        "aud": _audience(assertion.audience, address),
        "exp": "soon" if lives is None else now + lives,
        "jti": assertion.jti,
        **({"nbf": now + assertion.begins} if assertion.begins else {}),
    }
    headers: Json = {"kid": assertion.kid, "jku": assertion.jku}
    headers = {name: value for name, value in headers.items() if value not in {None, ""}}
    sent = {name: value for name, value in claims.items() if value is not None}
    match assertion.algorithm:
        case "none":
            return _raw({"alg": "none", "typ": "JWT", **headers}, sent) + "."
        case "HS384":  # the public key taken for a shared secret
            secret = b"." + orjson.dumps(
                _public(assertion.signer)
            )  # the library knows a key when it sees one
            return jwt.encode(sent, secret, "HS384", headers)
        case "ES384":
            key = _key(assertion.signer)
            if assertion.signer == "curve":
                return _raw({"alg": "ES384", "typ": "JWT", **headers}, sent) + "." + "A" * 128
            return jwt.encode(sent, key, "ES384", headers)
    signed = jwt.encode(sent, _key("curve"), "ES256", headers)
    return _raw({"alg": assertion.algorithm, "typ": "JWT", **headers}, sent) + "." + signed.rpartition(".")[2]


def _audience(kind: str, address: str) -> str | list[str] | None:
    """Return what ``aud`` says of an address: ours, or in which way it is not."""
    other = f"{_URL}/token" if not address.endswith("/token") else f"{_URL}/introspect"
    said: dict[str, str | list[str] | None] = {
        "ours": address,
        "list": [address],
        "several": ["https://elsewhere.test", address],
        "endpoint": other,
        "host": _URL,
        "slash": f"{address}/",
        "none": None,
    }
    return said[kind]


def _raw(header: Json, claims: Json) -> str:
    return ".".join(_plain(orjson.dumps(part)) for part in (header, claims))


def _plain(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _chain(name: str) -> list[str]:
    return [ssl.DER_cert_to_PEM_cert(name.encode())] if name else []


def _thumbprint(name: str) -> str:
    return _plain(sha256(name.encode()).digest())
