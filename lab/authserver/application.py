"""The token server as an ASGI application: token endpoint and introspection.

Specs: https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html, RFC 6749, RFC 7662.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import orjson

from lab.authserver.assertion import AssertionRefused, UsedIds, verify
from lab.authserver.registry import LABORATORY_KID, Registration, Registry
from lab.authserver.tokens import Tokens
from lab.fhir.http import AsgiApplication, HttpRequest, Receive, Scope, Send, head_of, read_whole, send_answer
from lab.fhir.response import FhirError, FhirResponse
from lab.fhir.scopes import ScopeError, parse_scopes
from lab.journal.journal import Journal
from lab.journal.redact import Redactor

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LOG = logging.getLogger(__name__)
_FORM = "application/x-www-form-urlencoded"
_MAX_FORM = 64_000
_NO_STORE = (("content-type", "application/json"), ("cache-control", "no-store"), ("pragma", "no-cache"))


@dataclass(frozen=True)
class TokenServer:
    """What the endpoints need; ``url`` is the public address of the token server, without a path."""

    url: str
    registry: Registry
    tokens: Tokens
    used: UsedIds
    journal: Journal
    redactor: Redactor
    started: float

    @property
    def token_url(self) -> str:
        """Return the token endpoint, which is also the audience of every assertion."""
        return f"{self.url}/token"

    @property
    def introspection_url(self) -> str:
        """Return the introspection endpoint."""
        return f"{self.url}/introspect"


class _Refused(Exception):  # noqa: N818 - an OAuth error answer
    def __init__(self, error: str, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.error = error
        self.status = status


def application(server: TokenServer) -> AsgiApplication:
    """Return the ASGI application of the token server."""
    endpoints = {"/token": _token, "/introspect": _introspect}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        begun = time.monotonic()
        request = head_of(scope)
        caller, reason = "", ""
        try:
            request = await read_whole(request, receive, _MAX_FORM)
            endpoint = endpoints.get(request.path)
            if endpoint is None:
                answer = FhirResponse(404, b'{"error":"not_found"}', _NO_STORE)
            else:
                data, caller = _answer(server, request, endpoint)
                answer = FhirResponse(200, orjson.dumps(data), _NO_STORE)
        except FhirError as error:
            reason = error.diagnostics
            answer = FhirResponse(error.status, b'{"error":"invalid_request"}', _NO_STORE)
        except _Refused as refused:
            reason = str(refused)
            answer = FhirResponse(refused.status, orjson.dumps({"error": refused.error}), _NO_STORE)
        except Exception:  # noqa: BLE001 - the caller gets a constant answer, and the journal its line
            _LOG.exception("A token request failed.")
            answer = FhirResponse(500, b'{"error":"server_error"}', _NO_STORE)
        _record(server, request, answer, caller, reason, begun)
        await send_answer(send, answer, head=request.method == "HEAD")

    return app


_Endpoint = Callable[[TokenServer, dict[str, str], Registration, str], dict[str, object]]


def _answer(server: TokenServer, request: HttpRequest, endpoint: _Endpoint) -> tuple[dict[str, object], str]:
    if request.method != "POST" or request.header("content-type").split(";")[0].strip().lower() != _FORM:
        raise _Refused("invalid_request", f"expected a POST of type {_FORM}")
    try:
        pairs = parse_qsl(request.body.decode(), keep_blank_values=True, strict_parsing=True)
    except ValueError:
        raise _Refused("invalid_request", "the form cannot be read") from None
    form = dict(pairs)
    if len(form) != len(pairs):
        raise _Refused("invalid_request", "a field of the form is repeated")
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise _Refused("invalid_client", "client_assertion_type is not the JWT bearer type", 401)
    try:
        registration, kid = verify(
            form.get("client_assertion", ""),
            registry=server.registry,
            audience=server.introspection_url if endpoint is _introspect else server.token_url,
            used=server.used,
        )
    except AssertionRefused as error:
        raise _Refused("invalid_client", str(error), 401) from None
    return endpoint(server, form, registration, kid), registration.client_id


def _token(
    server: TokenServer,
    form: dict[str, str],
    registration: Registration,
    kid: str,
) -> dict[str, object]:
    if form.get("grant_type") != "client_credentials":
        raise _Refused("unsupported_grant_type", "grant_type is not client_credentials")
    try:
        asked = parse_scopes(form.get("scope", ""))
    except ScopeError as error:
        raise _Refused("invalid_scope", str(error)) from None
    granted = asked.within(registration.scopes)
    if not granted.rights:
        raise _Refused("invalid_scope", "nothing of the scope is registered for the application")
    token = server.tokens.issue(registration.client_id, granted, probing=kid == LABORATORY_KID)
    return {
        "access_token": token,
        "token_type": "bearer",
        "expires_in": server.tokens.lifetime_s,
        "scope": str(granted),
    }


def _introspect(
    server: TokenServer,
    form: dict[str, str],
    registration: Registration,
    kid: str,
) -> dict[str, object]:
    """Tell a registered application about a token presented to it."""
    del registration, kid
    grant = server.tokens.grant(form.get("token", ""))
    if grant is None or server.registry.get(grant.client_id) is None:
        return {"active": False}
    return {
        "active": True,
        "client_id": grant.client_id,
        "scope": str(grant.scopes),
        "exp": int(grant.expires),
        "token_type": "bearer",
    }


def _readable(redactor: Redactor, assertion: str) -> dict[str, Any]:
    """Return what the journal keeps of an assertion; one that is made to break its readers has no parts."""
    try:
        return redactor.assertion(assertion)
    except (ValueError, RecursionError):
        return {"readable": False}


def _record(
    server: TokenServer,
    request: HttpRequest,
    answer: FhirResponse,
    caller: str,
    reason: str,
    begun: float,
) -> None:
    form = dict(parse_qsl(request.body.decode("latin-1")))
    seen = form.get("client_assertion")
    assertion = _readable(server.redactor, seen) if seen else {}
    ours = assertion.get("header", {}).get("kid") == LABORATORY_KID
    facts: dict[str, object] = {"received": int(time.time())}
    if assertion:
        facts["assertion"] = assertion
    if reason:
        facts["refused"] = reason
    server.journal.record(
        t=round(begun - server.started, 4),
        actor="laboratory" if ours else "application",
        client=caller or str(assertion.get("claims", {}).get("iss", "")),
        method=request.method,
        url=server.redactor.url(
            f"{server.url}{request.path}" + (f"?{request.query}" if request.query else ""),
        ),
        request_headers=server.redactor.headers(request.headers),
        request_body=server.redactor.body(request.body, request.header("content-type")),
        status=answer.status,
        response_headers=server.redactor.headers(answer.headers),
        response_body=server.redactor.body(answer.body, "application/json"),
        latency_ms=round((time.monotonic() - begun) * 1000, 3),
        facts=facts,
    )
