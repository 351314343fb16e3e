"""A running token server, and the requests of tests to it."""

import asyncio
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvicorn
from assertion_bench import assertion

from lab.authserver.application import ASSERTION_TYPE, application
from lab.authserver.server import TokenServer
from lab.authserver.tokens import Tokens
from lab.authserver.used_ids import UsedIds
from lab.fhirserver.listening import bind, settings
from lab.journal.journal import Journal, read_journal
from lab.journal.redact import Redactor


@dataclass(frozen=True)
class Bench:
    """The server, a client of it, and its journal."""

    server: TokenServer
    http: httpx.Client
    journal: Path

    def ask(self, path="token", headers=None, http=None, **changed):
        """POST a right form but for what is changed; a field given as None is left out."""
        form = {
            "grant_type": "client_credentials",
            "scope": "system/Patient.rs",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion(aud=f"{self.server.url}/{path}"),
        }
        sent = {name: value for name, value in {**form, **changed}.items() if value is not None}
        return (http or self.http).post(f"{self.server.url}/{path}", data=sent, headers=headers)

    @property
    def recorded(self):
        """Return the exchanges so far."""
        return list(read_journal(self.journal))


@contextmanager
def serving(folder, known, state=None, *, dual=False, **options):
    """Run a token server of these applications for the length of the block; ``dual`` listens on IPv6 too."""
    listener = bind("::" if dual else "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    path = folder / "journal.jsonl"
    journal = Journal(path, "G")
    server = TokenServer(
        url=url,
        registry=known,
        tokens=Tokens(state=state),
        used=UsedIds(state=state),
        journal=journal,
        redactor=Redactor(bytes(32)),
        started=time.monotonic(),
        **options,
    )
    running = uvicorn.Server(settings(application(server)))
    thread = threading.Thread(target=lambda: asyncio.run(running.serve(sockets=[listener])))
    thread.start()
    deadline = time.monotonic() + 10
    while not running.started and time.monotonic() < deadline:
        time.sleep(0.005)
    try:
        with httpx.Client(trust_env=False, timeout=10) as http:
            yield Bench(server, http, path)
    finally:
        running.should_exit = True
        thread.join()
        journal.close()
