"""Ask a SMART token endpoint for tokens with well-made or ill-made assertions.

Spec: https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from lab.checking.assertion import ALGORITHM, signed_assertion
from lab.fhir.client import Outgoing, Wire
from lab.fhir.reply import Reply

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True)
class SmartEndpoint:
    """A token endpoint and the key of one client; ``key`` is a PEM private key for the algorithm."""

    token_url: str
    client_id: str
    scopes: str
    key: str
    kid: str
    wire: Wire
    algorithm: str = ALGORITHM

    def assertion(
        self, claims: Mapping[str, Any] | None = None, headers: Mapping[str, Any] | None = None
    ) -> str:
        """Return a signed assertion, right unless ``claims`` or ``headers`` replace parts of it."""
        return signed_assertion(
            self.client_id, self.token_url, self.key, self.kid, claims, headers, self.algorithm
        )

    def ask(self, scope: str | None = None, assertion: str | None = None, **fields: str) -> Reply:
        """Ask for a token; ``fields`` replace fields of the form."""
        return self.wire.send(self.request(scope, assertion, **fields))

    def request(self, scope: str | None = None, assertion: str | None = None, **fields: str) -> Outgoing:
        """Return the request for a token, unsent."""
        form = {
            "grant_type": "client_credentials",
            "scope": self.scopes if scope is None else scope,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self.assertion() if assertion is None else assertion,
            **fields,
        }
        headers = (("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json"))
        return Outgoing("POST", self.token_url, headers, urlencode(form).encode())
