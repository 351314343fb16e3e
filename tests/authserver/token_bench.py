"""A running token server, and the requests of tests to it."""

from dataclasses import dataclass
from pathlib import Path

import httpx
from assertion_bench import assertion

from lab.authserver.application import ASSERTION_TYPE, TokenServer
from lab.journal.journal import read_journal


@dataclass(frozen=True)
class Bench:
    """The server, a client of it, and its journal."""

    server: TokenServer
    http: httpx.Client
    journal: Path

    def ask(self, path="token", **changed):
        """POST a right form but for what is changed; a field given as None is left out."""
        audience = self.server.token_url if path == "token" else self.server.introspection_url
        form = {
            "grant_type": "client_credentials",
            "scope": "system/Patient.rs",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion(aud=audience),
        }
        sent = {name: value for name, value in {**form, **changed}.items() if value is not None}
        return self.http.post(f"{self.server.url}/{path}", data=sent)

    @property
    def recorded(self):
        """Return the exchanges so far."""
        return list(read_journal(self.journal))
