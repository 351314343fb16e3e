"""Callers of the tiny vendor, what its manifest says, and the answers that its token endpoint can give."""

from dataclasses import replace

import jwt
from probes_bench import truth_of
from tiny_vendor import OUTCOME, usual

from lab.checking.keys import new_key
from lab.checking.smart import SmartEndpoint
from lab.fhir.client import FhirClient

KEY = new_key("laboratory")
REFUSED = (403, {}, OUTCOME)
DENIED = (400, {}, {"error": "invalid_client"})


def endpoint(tiny, wire, client_id="lab"):
    """Return the token endpoint, asked as a client."""
    return SmartEndpoint(f"{tiny.base}/token", client_id, "system/*.rs", KEY.private, "laboratory", wire)


def client(tiny, wire, source="", token="t"):  # noqa: S107 - the token of a tiny vendor
    """Return somebody who calls with a token, from an address."""
    bearer = f"Bearer {token}" if token else ""
    return FhirClient(f"{tiny.base}/fhir", wire, lambda: bearer, source)


def truth(tiny, **server):
    """Return what the manifest says, with more about the server."""
    known = truth_of(f"{tiny.base}/fhir")
    return replace(known, subject=replace(known.subject, server=replace(known.subject.server, **server)))


def issued(**more):
    """Return the answer with a token."""
    return 200, {}, {"access_token": "t", "token_type": "bearer", "expires_in": 300, **more}


def right(form):
    """Verify a signature, and nothing else of an assertion."""
    key = jwt.PyJWK(KEY.public).key
    options = {f"verify_{name}": False for name in ("aud", "exp", "iat", "nbf")}
    try:
        return jwt.decode(form["client_assertion"], key, algorithms=["ES384"], options=options)
    except (jwt.PyJWTError, KeyError):
        return None


def published(path, token):
    """Answer for a server that publishes a revocation endpoint, or nothing."""
    if path.endswith("smart-configuration"):
        return 200, {}, token
    return 200, {}, usual(path)
