"""A stranger's host: it answers nothing and remembers who came, and with what.

It listens on another loopback address than the hospital, so that "off origin" is real.
"""

import time

from lab.fhir.http import AsgiApplication, Receive, Scope, Send, head_of, send_answer
from lab.fhir.response import FhirResponse
from lab.gateway.acts.off_origin_next import LURE
from lab.journal.journal import Journal
from lab.journal.redact import Redactor

ADDRESS = "127.0.0.2"


def application(origin: str, journal: Journal, redactor: Redactor, started: float) -> AsgiApplication:
    """Return the ASGI application of the decoy host."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        del receive
        if scope["type"] != "http":
            return
        request = head_of(scope)
        answer = FhirResponse(404, b"", ())
        journal.record(
            t=round(time.monotonic() - started, 4),
            actor="application",
            client="",
            method=request.method,
            url=redactor.url(f"{origin}{request.path}" + (f"?{request.query}" if request.query else "")),
            request_headers=redactor.headers(request.headers),
            status=answer.status,
            act="off-origin-next" if LURE in request.query else None,
            facts={"decoy": True, "peer": request.peer},
        )
        await send_answer(send, answer)

    return app
