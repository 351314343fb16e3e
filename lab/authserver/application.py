"""The token server as an ASGI application: network, rate, form, assertion, own network, own rate, endpoint.

Specs: https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html, RFC 6749, RFC 7662, RFC 7009.
"""

import logging
import math
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl

import orjson

from lab.authserver import endpoints
from lab.authserver.assertion import AssertionRefused, claimed, verify
from lab.authserver.endpoints import Authenticated, Form
from lab.authserver.rate_limit import Rate
from lab.authserver.recording import Passage, record
from lab.authserver.registry import Registration
from lab.authserver.server import OAuthRefused, TokenServer
from lab.authserver.state import StateUnavailableError
from lab.fhir.client_certificate import thumbprint
from lab.fhir.forwarding import caller
from lab.fhir.http import AsgiApplication, HttpRequest, Receive, Scope, Send, head_of, read_whole, send_answer
from lab.fhir.network import address_of, allowance, holder
from lab.fhir.policy import Network
from lab.fhir.response import FhirError, FhirResponse
from lab.model.exchange import Decision

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LOG = logging.getLogger(__name__)
_FORM = "application/x-www-form-urlencoded"
_MAX_FORM = 64_000
_NO_STORE = (("content-type", "application/json"), ("cache-control", "no-store"), ("pragma", "no-cache"))
_FAILED = FhirResponse(500, b'{"error":"server_error"}', _NO_STORE)

_Endpoint = Callable[[TokenServer, Form, Authenticated], dict[str, object]]


def application(server: TokenServer) -> AsgiApplication:
    """Return the ASGI application of the token server."""
    served: dict[str, tuple[str, _Endpoint]] = {
        "/token": (server.token_url, endpoints.token),
        "/introspect": (server.introspection_url, endpoints.introspect),
        "/revoke": (server.revocation_url, endpoints.revoke),
    }

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        head = head_of(scope)
        head = replace(head, peer=caller(head.peer, head.headers, server.proxies))
        passage = Passage(head, time.monotonic(), _FAILED)
        try:
            _admit(server, head)
            passage.request = await read_whole(head, receive, _MAX_FORM)
            if passage.request.path not in served:
                passage.answer = FhirResponse(404, b'{"error":"not_found"}', _NO_STORE)
            else:
                audience, endpoint = served[passage.request.path]
                by, form = await _authenticated(server, passage.request, audience, thumbprint(scope))
                passage.client = by.registration.client_id
                _admit_application(server, passage.request.peer, by.registration)
                passage.answer = FhirResponse(200, orjson.dumps(endpoint(server, form, by)), _NO_STORE)
                passage.decision = Decision(2, allow=True, rule=f"key {by.kid}", reason="assertion accepted")
        except FhirError as error:
            passage.decision = Decision(2, allow=False, rule="invalid_request", reason=error.diagnostics)
            headers = (*_NO_STORE, *error.headers)
            passage.answer = FhirResponse(error.status, b'{"error":"invalid_request"}', headers)
        except OAuthRefused as refused:
            passage.decision = Decision(refused.level, allow=False, rule=refused.rule, reason=str(refused))
            passage.answer = _refusal(refused)
        except StateUnavailableError as error:
            _LOG.exception("A token request could not be decided.")
            passage.decision = Decision(2, allow=False, rule="state", reason=str(error))
            passage.answer = FhirResponse(503, b'{"error":"temporarily_unavailable"}', _NO_STORE)
        except Exception:  # noqa: BLE001 - the caller gets a constant answer, and the journal its line
            _LOG.exception("A token request failed.")
        record(server, passage)
        await send_answer(send, passage.answer, head=head.method == "HEAD")

    return app


def _refusal(refused: OAuthRefused) -> FhirResponse:
    answer = FhirResponse(refused.status, orjson.dumps({"error": refused.error}), _NO_STORE)
    return answer.with_headers(("retry-after", str(refused.retry_after))) if refused.retry_after else answer


def _admit(server: TokenServer, head: HttpRequest) -> None:
    """Decide on the address before anything else is read: its network, then how much it sends."""
    _refuse_network(head.peer, server.registry.networks())
    address = address_of(head.peer)
    if server.peer_rate is not None and address is not None:
        _refuse_rate(server, f"peer {allowance(address)}", server.peer_rate)


def _admit_application(server: TokenServer, peer: str, registration: Registration) -> None:
    """Decide on the application's own network and rate, once it is known."""
    _refuse_network(peer, registration.policy.networks)
    if registration.rate is not None:
        _refuse_rate(server, f"token {registration.client_id}", registration.rate)


def _refuse_network(peer: str, networks: tuple[Network, ...]) -> None:
    address = address_of(peer)
    if address is None or holder(address, networks) is None:
        reason = "peer outside every allowed network"
        raise OAuthRefused("access_denied", reason, 403, level=1, rule="network")


def _refuse_rate(server: TokenServer, who: str, rate: Rate) -> None:
    _slow_down(f"{who}: more than {rate.per_second:g} requests a second", server.limits.wait(who, rate))


def _guesser(peer: str, client_id: str) -> str:
    """Return who sends wrong assertions: an address, in the name of an application or of nobody known."""
    address = address_of(peer)
    return f"wrong assertions of {client_id or 'nobody'} from {allowance(address) if address else peer}"


def _slow_down(reason: str, wait: float) -> None:
    if wait:
        raise OAuthRefused("slow_down", reason, 429, rule="rate", retry_after=math.ceil(wait))


async def _authenticated(
    server: TokenServer, request: HttpRequest, audience: str, certificate: str
) -> tuple[Authenticated, Form]:
    """Return who sent the request, and its form."""
    form = _form(request)
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise OAuthRefused("invalid_client", "client_assertion_type is not the JWT bearer type", 401)
    assertion = form.get("client_assertion", "")
    guessed = _guesser(request.peer, "")
    try:
        by = claimed(assertion, server.registry)
        guessed = _guesser(request.peer, by.registration.client_id)
        _slow_down(guessed, server.limits.spent(guessed, server.wrong_rate))
        registration, kid = verify(
            assertion,
            registry=server.registry,
            audience=audience,
            used=server.used,
            published=await server.keys.published(by.registration.client_id, by.kid),
        )
    except AssertionRefused as error:
        _slow_down(guessed, server.limits.wait(guessed, server.wrong_rate))
        raise OAuthRefused("invalid_client", str(error), 401) from None
    if registration.certificate_bound and not certificate:
        raise OAuthRefused("invalid_client", "the application must show a client certificate", 401)
    return Authenticated(registration, kid, certificate), form


def _form(request: HttpRequest) -> dict[str, Any]:
    if request.method != "POST" or request.header("content-type").split(";")[0].strip().lower() != _FORM:
        raise OAuthRefused("invalid_request", f"expected a POST of type {_FORM}")
    try:
        pairs = parse_qsl(request.body.decode(), keep_blank_values=True, strict_parsing=True)
    except ValueError:
        raise OAuthRefused("invalid_request", "the form cannot be read") from None
    form = dict(pairs)
    if len(form) != len(pairs):
        raise OAuthRefused("invalid_request", "a field of the form is repeated")
    return form
