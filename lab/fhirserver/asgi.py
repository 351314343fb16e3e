"""The backend on its own port, for the hospital alone: no application has its key, so none goes around.

Spec: RFC 6750
"""

import hmac

from lab.backends.backend import Backend
from lab.fhir.http import AsgiApplication, Receive, Scope, Send, head_of, read_whole, send_answer
from lab.fhir.request import parse
from lab.fhir.response import FhirError
from lab.fhir.view import EVERYTHING

PREFIX = "/fhir"


def application(backend: Backend, *, base_url: str, key: str) -> AsgiApplication:
    """Return the ASGI application of the backend; every request needs ``Authorization: Bearer {key}``."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = head_of(scope)
        try:
            if not hmac.compare_digest(request.header("authorization").encode(), f"Bearer {key}".encode()):
                challenge = ("www-authenticate", 'Bearer realm="hospital"')
                raise FhirError(401, "login", "This port is for the hospital alone.", (challenge,))
            request = await read_whole(request, receive)
            path = request.path.removeprefix(PREFIX)
            parsed = parse(
                request.method, path, request.query, request.by_name, request.body, base_url=base_url
            )
            answer = await backend.answer(parsed, EVERYTHING)
        except FhirError as error:
            answer = error.response()
        await send_answer(send, answer, head=request.method == "HEAD")

    return app
