"""One AuditEvent for each answer of the token server: who came for a token, from where, and what it got.

The event holds neither assertion nor token. An application that was refused is named only when it is
registered: what an unknown caller says of itself may be anything.

Specs: DICOM part 16 (110114 User Authentication, 110122 Login), RFC 6749 section 5.2
"""

import logging
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import jwt
import orjson

from lab.audit import codes
from lab.audit.codes import Json
from lab.audit.decided import Caller
from lab.audit.event import agent
from lab.audit.trail import Trail, TrailError
from lab.authserver.registry import Registry
from lab.authserver.state import StateUnavailableError
from lab.fhir.forwarding import caller
from lab.fhir.http import AsgiApplication, Receive, Scope, Send, head_of, send_answer
from lab.fhir.policy import Network
from lab.fhir.response import FhirResponse

_LOG = logging.getLogger(__name__)
_TOKEN, _MAX_FORM = "/token", 64_000
_UNAVAILABLE = FhirResponse(
    503, b'{"error":"temporarily_unavailable"}', (("content-type", "application/json"), ("retry-after", "5"))
)
_SOURCE = {
    "observer": {
        "identifier": {"system": codes.SOURCE_SYSTEM, "value": "token-server"},
        "display": "token server",
    },
    "type": [codes.SECURITY_SERVER],
}


@dataclass
class _Heard:
    """What passes between a caller and the token server: the form that comes, the answer held back."""

    receive: Receive
    form: bytearray = field(default_factory=bytearray)
    said: list[MutableMapping[str, Any]] = field(default_factory=list)

    @property
    def status(self) -> int:
        """Return the status of the answer; 503 as long as there is none."""
        return int(self.said[0].get("status", 503)) if self.said else 503

    async def listen(self) -> MutableMapping[str, Any]:
        """Pass a message of the caller on."""
        message = await self.receive()
        if len(self.form) <= _MAX_FORM:
            self.form += message.get("body", b"")
        return message

    async def keep(self, message: MutableMapping[str, Any]) -> None:
        """Hold a message of the token server back."""
        self.said.append(message)


def with_logins(
    server: AsgiApplication, trail: Trail, registry: Registry, proxies: Sequence[Network] = ()
) -> AsgiApplication:
    """Return the token server, each answer of its token endpoint traced before it is sent."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        head = head_of(scope) if scope["type"] == "http" else None
        if head is None or head.path != _TOKEN:
            await server(scope, receive, send)
            return
        heard = _Heard(receive)
        if trail.ready:
            await server(scope, heard.listen, heard.keep)
        peer = caller(head.peer, head.headers, proxies) or head.peer
        if _is_traced(trail, peer, heard, registry) and heard.said:
            for message in heard.said:
                await send(message)
        else:
            await send_answer(send, _UNAVAILABLE)

    return app


def _is_traced(trail: Trail, peer: str, heard: _Heard, registry: Registry) -> bool:
    """Write the event of an answer, and tell whether it is written."""
    try:
        trail.write([_event(trail, peer, heard, registry)])
    except TrailError:
        return False
    except Exception:  # noqa: BLE001 - what cannot be traced is not served, whatever the cause
        _LOG.exception("An answer of the token server could not be traced.")
        return False
    return True


def _event(trail: Trail, peer: str, heard: _Heard, registry: Registry) -> bytes:
    client = _claimed(bytes(heard.form))
    said = {"status": str(heard.status), "decision": "allowed" if heard.status < 400 else "refused"}
    said |= {"level": "2", "rule": _error(heard) or "client assertion"}
    details = [{"type": name, "valueString": value} for name, value in said.items()]
    event: Json = {
        "resourceType": "AuditEvent",
        "id": trail.new_id(),
        "type": codes.AUTHENTICATION,
        "subtype": [codes.LOGIN],
        "action": "E",
        "recorded": trail.now().isoformat(timespec="milliseconds"),
        "outcome": codes.outcome(heard.status, allowed=heard.status < 400),
        "agent": [agent(Caller(peer, client if _is_known(registry, client) else ""))],
        "source": _SOURCE,
        "entity": [{"type": codes.SYSTEM_OBJECT, "role": codes.RULE, "detail": details}],
    }
    return orjson.dumps(event)


def _is_known(registry: Registry, client: str) -> bool:
    try:
        return registry.get(client) is not None
    except StateUnavailableError:
        return False  # the token server refuses for the same reason


def _claimed(form: bytes) -> str:
    """Return the issuer of the assertion in a form, as it says itself."""
    assertion = dict(parse_qsl(form[:_MAX_FORM].decode("latin-1"))).get("client_assertion", "")
    try:
        issuer = jwt.decode(assertion, options={"verify_signature": False}).get("iss")
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        return ""
    return issuer if isinstance(issuer, str) else ""


def _error(heard: _Heard) -> str:
    """Return the code of RFC 6749 that a refusal answers with."""
    if heard.status < 400 or len(heard.said) < 2:
        return ""
    body = heard.said[-1].get("body", b"")
    try:
        data = orjson.loads(body if isinstance(body, bytes) else b"")
    except orjson.JSONDecodeError:
        return ""
    return str(data.get("error", "")) if isinstance(data, dict) else ""
