"""A gateway in this process whose files may not grow, as on a full disk; prints what it answered."""

import asyncio
import json
import resource
import sys
from pathlib import Path

from lab.audit.trail import Trail, TrailError
from lab.authserver.registry import Registration, Registry
from lab.authserver.tokens import Tokens
from lab.fhir.permission import compile_permission
from lab.fhir.permission_form import permission
from lab.fhir.response import FhirResponse
from lab.fhir.scopes import parse_scopes
from lab.gateway.application import Gateway, application
from lab.journal.journal import Journal
from lab.journal.redact import Redactor


class Backend:
    """Answers one patient, and counts how often it was asked."""

    def __init__(self):
        self.asked = 0
        self.stream = False

    async def answer(self, request, view):
        """Answer whatever is asked."""
        del request, view
        self.asked += 1
        body = b'{"resourceType":"Patient","id":"a"}'
        return FhirResponse(200, b"", (), iter([body + b"\n"])) if self.stream else FhirResponse(200, body)

    def members(self, group):
        """Return no members."""
        del group
        return frozenset()


def gateway(backend, trail):
    policy = compile_permission(permission("app", {"Patient": ()}, ("read",)), "app")
    registration = Registration("app", {}, parse_scopes("system/Patient.r"), policy)
    tokens = Tokens()
    found = Gateway(
        origin="http://127.0.0.1:1",
        token_url="",
        introspection_url="",
        backend=backend,
        registry=Registry([registration]),
        tokens=tokens,
        journal=Journal(Path("/dev/null"), "G"),
        redactor=Redactor(bytes(32)),
        started=0.0,
        laboratory_secret="s",  # noqa: S106 - marks nothing here
        trail=trail,
    )
    return application(found), tokens.issue("app", registration.scopes)


async def ask(app, token):
    """Return status and body of one read."""
    said = []
    scope = {"type": "http", "method": "GET", "path": "/fhir/Patient/a", "query_string": b""}
    scope["headers"] = [(b"host", b"h"), (b"authorization", f"Bearer {token}".encode())]
    scope["client"] = ("127.0.0.1", 1)

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message):
        said.append(message)

    await app(scope, receive, send)
    return said[0]["status"], b"".join(message.get("body", b"") for message in said)


async def main():
    backend, trail = Backend(), Trail(Path(sys.argv[1]) / "audit")
    app, token = gateway(backend, trail)
    told = {"trail": str(trail.path), "before": (await ask(app, token))[0]}
    asked = backend.asked
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (trail.path.stat().st_size + 100, hard))
    told["written_on_full"] = (await ask(app, token))[0]
    answers = [await ask(app, token) for _ in range(2)]
    told["full"] = [status for status, _ in answers]
    told["body"] = json.loads(answers[0][1])
    told["reached"] = backend.asked - asked
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    await ask(app, token)  # refused once more: its event is the first that finds room
    told["after"] = (await ask(app, token))[0]
    backend.stream = True
    before = trail.path.stat().st_size
    room = len(trail.path.read_bytes().splitlines(keepends=True)[-1])  # for one event, not for two
    resource.setrlimit(resource.RLIMIT_FSIZE, (before + room, hard))
    try:
        await ask(app, token)
        told["stream_cut"] = False
    except TrailError:
        told["stream_cut"] = True
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    with trail.path.open("ab") as file:
        file.truncate(before)
    print(json.dumps(told))  # noqa: T201 - what the test reads


if __name__ == "__main__":
    asyncio.run(main())
