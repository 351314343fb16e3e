"""Write what the token server did to the journal: the parts of an assertion, and never the assertion.

Spec: docs/decisions/0002-recheck-by-replay.md
"""

import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import orjson

from lab.authserver.registry import LABORATORY_KIDS
from lab.authserver.server import TokenServer
from lab.fhir.http import HttpRequest
from lab.fhir.response import FhirResponse
from lab.journal.redact import Redactor
from lab.model.exchange import Decision

_OK = 200


@dataclass
class Passage:
    """What is known of one request on its way through."""

    request: HttpRequest
    begun: float
    answer: FhirResponse
    client: str = ""
    decision: Decision | None = None


def record(server: TokenServer, passage: Passage) -> None:
    """Append the exchange to the journal."""
    request, answer = passage.request, passage.answer
    form = dict(parse_qsl(request.body.decode("latin-1")))
    seen = form.get("client_assertion")
    assertion = _readable(server.redactor, seen) if seen else {}
    ours = assertion.get("header", {}).get("kid") in LABORATORY_KIDS
    facts: dict[str, object] = {"received": int(time.time()), "peer": request.peer}
    if assertion:
        facts["assertion"] = assertion
    conduct = None if ours else server.conducts.get(passage.client)
    if passage.decision is not None and not passage.decision.allow:
        facts["refused"] = passage.decision.reason
    server.journal.record(
        t=round(passage.begun - server.started, 4),
        actor="laboratory" if ours else "application",
        client=passage.client or str(assertion.get("claims", {}).get("iss", "")),
        method=request.method,
        url=server.redactor.url(
            f"{server.url}{request.path}" + (f"?{request.query}" if request.query else "")
        ),
        request_headers=server.redactor.headers(request.headers),
        request_body=server.redactor.body(request.body, request.header("content-type")),
        status=answer.status,
        response_headers=server.redactor.headers(answer.headers),
        response_body=server.redactor.body(answer.body, "application/json"),
        latency_ms=round((time.monotonic() - passage.begun) * 1000, 3),
        act=conduct.act if conduct and answer.status == _OK else None,
        decision=passage.decision,
        facts=facts,
    )


def _readable(redactor: Redactor, assertion: str) -> dict[str, Any]:
    """Return what the journal keeps of an assertion; one that is made to break its readers has no parts."""
    try:
        parts = redactor.assertion(assertion)
        orjson.dumps(parts)  # lone surrogates, numbers beyond 64 bits, a thousand levels
    except (ValueError, TypeError, RecursionError):
        return {"readable": False}
    return parts
