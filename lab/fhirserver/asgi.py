"""The backend on its own port, for the hospital alone: no application has its key, so none goes around.

Spec: https://www.rfc-editor.org/rfc/rfc6750
"""

import hmac
from os import urandom

from lab.backends.backend import Backend
from lab.fhir.http import AsgiApplication, HttpRequest, Receive, Scope, Send, head_of, read_whole, send_answer
from lab.fhir.request import FhirRequest, parse
from lab.fhir.response import FhirError
from lab.fhir.view import EVERYTHING

PREFIX = "/fhir"
_REQUEST_ID = "x-request-id"


def application(backend: Backend, *, base_url: str, key: str) -> AsgiApplication:
    """Return the ASGI application of the backend; every request needs ``Authorization: Bearer {key}``.

    With an empty key none is needed: for synthetic data, on this machine.

    ``base_url`` is the address of this port, ``/fhir`` included; the header Host is never believed.
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = head_of(scope)
        try:
            if key:
                _check_key(request, key)
            whole = await read_whole(request, receive)
            answer = await backend.answer(_parsed(whole, base_url), EVERYTHING)
        except FhirError as error:
            answer = error.response()
        answer = answer.with_headers((_REQUEST_ID, _request_id()))
        await send_answer(send, answer, head=request.method == "HEAD")

    return app


def _request_id() -> str:
    """Return a random UUID of version 4, as RFC 9562 writes it."""
    drawn = urandom(16).hex()
    variant = "89ab"[int(drawn[16], 16) & 3]
    return f"{drawn[:8]}-{drawn[8:12]}-4{drawn[13:16]}-{variant}{drawn[17:20]}-{drawn[20:]}"


def _check_key(request: HttpRequest, key: str) -> None:
    if not hmac.compare_digest(request.header("authorization").encode(), f"Bearer {key}".encode()):
        challenge = ("www-authenticate", 'Bearer realm="hospital"')
        raise FhirError(401, "login", "This port is for the hospital alone.", (challenge,))


def _parsed(request: HttpRequest, base_url: str) -> FhirRequest:
    path = request.path.removeprefix(PREFIX)
    if not request.path.startswith(PREFIX) or (path and not path.startswith("/")):
        raise FhirError(404, "not-found", "Nothing is served here.")
    return parse(request.method, path, request.query, request.by_name, request.body, base_url=base_url)
