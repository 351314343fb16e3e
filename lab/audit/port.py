"""The audit on the hospital's own port, under ``/audit``: read and searched, never written.

Spec: https://hl7.org/fhir/R4/auditevent.html#search
"""

from lab.backends.backend import Backend
from lab.fhir.http import AsgiApplication, Receive, Scope, Send, head_of, send_answer
from lab.fhir.response import FhirError
from lab.fhirserver.asgi import PREFIX
from lab.fhirserver.asgi import application as keyed

AUDIT = "/audit"
_READ_ONLY = FhirError(405, "not-supported", "The audit is read, never written.", (("allow", "GET, HEAD"),))


def with_audit(hospital: AsgiApplication, audit: Backend, *, origin: str, key: str) -> AsgiApplication:
    """Return the application of the hospital's port with the audit beside it, opened by the same key."""
    searched = keyed(audit, base_url=f"{origin}{AUDIT}", key=key)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = head_of(scope)
        if request.path != AUDIT and not request.path.startswith(f"{AUDIT}/"):
            await hospital(scope, receive, send)
        elif request.method not in {"GET", "HEAD"} and not request.path.endswith("/_search"):
            await send_answer(send, _READ_ONLY.response())
        else:
            raw = f"{PREFIX}{request.path.removeprefix(AUDIT)}".encode("latin-1")
            await searched({**scope, "path": raw.decode("latin-1"), "raw_path": raw}, receive, send)

    return app
