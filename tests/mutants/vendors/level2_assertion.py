"""Variants of level 2: the token endpoint takes assertions that prove nothing, too much, or twice."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
import urllib.request
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

import jwt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm

from tests.mutants.vendors.sound.assertion import Wrong
from tests.mutants.vendors.sound.vendor import Vendor
from tests.mutants.vendors.variant import variant

_UNVERIFIED = {"verify_signature": False}


@variant("L2-03", "alg none is refused in one spelling only")
def none_in_another_spelling(app: Vendor) -> None:
    def unsigned(header):
        return header["alg"].lower() == "none" and header["alg"] != "none"

    verified_otherwise(app, unsigned, lambda assertion, _, __: jwt.decode(assertion, options=_UNVERIFIED))


@variant("L2-03", "an empty signature is not verified")
def empty_signature(app: Vendor) -> None:
    sound = app.assertions.verified

    def verified(assertion, key, header):
        unsigned = assertion.endswith(".")
        return jwt.decode(assertion, options=_UNVERIFIED) if unsigned else sound(assertion, key, header)

    app.assertions.verified = verified


@variant("L2-04", "the public key serves as the secret of HS256")
def public_key_is_a_secret(app: Vendor) -> None:
    def verified(assertion, key, _):
        signed, _, signature = assertion.rpartition(".")
        secret = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        right = base64.urlsafe_b64encode(hmac.digest(secret, signed.encode(), hashlib.sha256)).rstrip(b"=")
        if not hmac.compare_digest(right, signature.encode()):
            raise Wrong
        return jwt.decode(assertion, options=_UNVERIFIED)

    verified_otherwise(app, lambda header: header["alg"] == "HS256", verified)


# A guess of L2-31 is signed with an unknown key too.
@variant("L2-05", "a signature is looked at, not verified", also=("L2-31",))
def signature_of_anybody(app: Vendor) -> None:
    sound = app.assertions.verified

    def verified(assertion, key, header):
        signed = len(assertion.rpartition(".")[2]) == 128
        return jwt.decode(assertion, options=_UNVERIFIED) if signed else sound(assertion, key, header)

    app.assertions.verified = verified


@variant("L2-06", "an unknown kid stands for the first key")
def unknown_kid_is_the_first(app: Vendor) -> None:
    sound = app.assertions.key
    first = next(iter(app.assertions.keys))
    app.assertions.key = lambda header: sound(
        {"kid": header["kid"] if header["kid"] in app.assertions.keys else first}
    )


@variant("L2-06", "a kid that looks like a path breaks the server")
def kid_breaks(app: Vendor) -> None:
    sound = app.assertions.key

    def key(header):
        if "/" in header["kid"]:
            raise OSError
        return sound(header)

    app.assertions.key = key


@variant("L2-07", "jku is not looked at")
def jku_is_ignored(app: Vendor) -> None:
    ignored(app, "jku")


@variant("L2-07", "jku is called before it is refused")
def jku_is_called(app: Vendor) -> None:
    sound = app.assertions.check_header

    def check_header(header):
        if "jku" in header:
            with suppress(OSError):
                urllib.request.urlopen(header["jku"], timeout=1).close()  # noqa: S310 - the flaw itself
        sound(header)

    app.assertions.check_header = check_header


@variant("L2-08", "a key that the assertion brings is as good as a registered one")
def own_key_is_believed(app: Vendor) -> None:
    def verified(assertion, _, header):
        key = ECAlgorithm.from_jwk(json.dumps(header["jwk"]))
        return jwt.decode(assertion, key, algorithms=["ES384"], options={"verify_aud": False})

    verified_otherwise(app, lambda header: "jwk" in header, verified)


@variant("L2-09", "an expired assertion is taken")
def expired_is_taken(app: Vendor) -> None:
    sound = app.assertions.check_expiry
    app.assertions.check_expiry = lambda claims: sound({**claims, "exp": max(claims["exp"], time.time() + 9)})


@variant("L2-10", "an assertion may last as long as it likes")
def endless_assertion(app: Vendor) -> None:
    sound = app.assertions.check_expiry
    app.assertions.check_expiry = lambda claims: sound({**claims, "exp": min(claims["exp"], time.time() + 9)})


@variant("L2-11", "an assertion of the future is taken")
def future_is_taken(app: Vendor) -> None:
    app.assertions.check_beginning = lambda _: None


@variant("L2-12", "the audience need only begin rightly")
def audience_begins_rightly(app: Vendor) -> None:
    sound = app.assertions.check_audience
    ours = app.assertions.audience
    app.assertions.check_audience = lambda said: sound(ours if str(said).startswith(ours) else said)


@variant("L2-13", "one audience of several is enough")
def one_audience_of_several(app: Vendor) -> None:
    sound = app.assertions.check_audience
    ours = app.assertions.audience
    app.assertions.check_audience = lambda said: sound(
        ours if isinstance(said, list) and ours in said else said
    )


@variant("L2-14", "the subject is not looked at")
def subject_is_ignored(app: Vendor) -> None:
    sound = app.assertions.check_issuer
    app.assertions.check_issuer = lambda claims: sound({**claims, "sub": claims.get("iss")})


# What serves twice in a row serves twice at once.
@variant("L2-15", "an assertion serves again and again", also=("L2-16",))
def assertion_serves_again(app: Vendor) -> None:
    sound = app.assertions.check_fresh

    def check_fresh(claims):
        app.assertions.used.clear()
        sound(claims)

    app.assertions.check_fresh = check_fresh


@variant("L2-16", "whether an assertion was used is looked up a moment before it is remembered")
def looked_up_too_early(app: Vendor) -> None:
    read, sound = app.http.read, app.assertions.check_fresh
    looked_up: ContextVar[frozenset[tuple[str, str]] | None] = ContextVar("looked_up", default=None)

    async def early(head, reader, peer):
        request = await read(head, reader, peer)
        if request.path == "/token":
            looked_up.set(frozenset(app.assertions.used))
            await asyncio.sleep(0.02)
        return request

    def check_fresh(claims):
        used, known = app.assertions.used, looked_up.get()
        app.assertions.used = set(used if known is None else known)
        try:
            sound(claims)
        finally:
            app.assertions.used |= used

    app.http.read, app.assertions.check_fresh = early, check_fresh


@variant("L2-17", "an assertion without jti is taken")
def without_jti(app: Vendor) -> None:
    sound = app.assertions.check_fresh
    app.assertions.check_fresh = lambda claims: sound(claims) if "jti" in claims else None


@variant("L2-18", "the password grant is one more name for client_credentials")
def password_grant(app: Vendor) -> None:
    sound = app.tokens.form

    def form(request):
        found = sound(request)
        return (
            {**found, "grant_type": "client_credentials"} if found.get("grant_type") == "password" else found
        )

    app.tokens.form = form


@variant("L2-29", "an assertion may be as long as it likes")
def long_assertion(app: Vendor) -> None:
    form, client = app.tokens.form, app.assertions.client

    def any_form(request):
        if len(request.body) <= 65_536:
            return form(request)
        pairs = dict(parse_qsl(request.body.decode()))
        small = form(replace(request, body=urlencode({**pairs, "client_assertion": ""}).encode()))
        return {**small, "client_assertion": pairs["client_assertion"]}

    def any_client(assertion):
        if len(assertion) <= 65_536:
            return client(assertion)
        header = jwt.get_unverified_header(assertion)
        return app.assertions.verified(assertion, app.assertions.key(header), header)["iss"]

    app.tokens.form, app.assertions.client = any_form, any_client


@variant("L2-31", "wrong assertions are never counted")
def guesses_are_free(app: Vendor) -> None:
    app.tokens.check_rate = lambda _: None


def ignored(app: Vendor, name: str) -> None:
    """Let a header of an assertion stand without being looked at."""
    sound = app.assertions.check_header
    app.assertions.check_header = lambda header: sound({n: v for n, v in header.items() if n != name})


def verified_otherwise(app: Vendor, when, verify) -> None:
    """Verify assertions of some headers in another way; their header is not checked then."""
    check, sound = app.assertions.check_header, app.assertions.verified

    def check_header(header):
        if not when(header):
            check(header)

    def verified(assertion, key, header):
        return verify(assertion, key, header) if when(header) else sound(assertion, key, header)

    app.assertions.check_header, app.assertions.verified = check_header, verified
