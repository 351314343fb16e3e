"""An answer of a FHIR server, and the OperationOutcome that every error carries.

Spec: https://hl7.org/fhir/R4/http.html and https://hl7.org/fhir/R4/operationoutcome.html
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import orjson

FHIR_JSON = "application/fhir+json; charset=utf-8"


@dataclass(frozen=True)
class FhirResponse:
    """Status, headers and body bytes; header names are lower case.

    An answer too long for the memory has ``chunks`` in place of a body; each is whole lines of NDJSON.
    ``over_s`` are the seconds over which a body, or each chunk, is sent piece by piece: 0 but where a slow
    platform is played.
    """

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = (("content-type", FHIR_JSON),)
    chunks: Iterable[bytes] | None = None
    over_s: float = 0.0

    def with_headers(self, *headers: tuple[str, str]) -> "FhirResponse":
        """Return the same answer with headers added."""
        return replace(self, headers=(*self.headers, *headers))


class FhirError(Exception):
    """A request that gets an OperationOutcome instead of what it asked for.

    ``issue`` is a code of https://hl7.org/fhir/R4/valueset-issue-type.html. ``diagnostics`` is read by the
    caller: it never holds a stack trace, a path or a value of a resource.
    """

    def __init__(
        self, status: int, issue: str, diagnostics: str, headers: tuple[tuple[str, str], ...] = ()
    ) -> None:
        """Keep what the answer needs; ``headers`` are added to the answer (Allow, WWW-Authenticate…)."""
        super().__init__(diagnostics)
        self.status = status
        self.issue = issue
        self.diagnostics = diagnostics
        self.headers = headers

    def response(self) -> FhirResponse:
        """Return the answer to send."""
        answer = outcome(self.status, self.issue, self.diagnostics)
        return FhirResponse(answer.status, answer.body, (*answer.headers, *self.headers))


def outcome(status: int, issue: str, diagnostics: str, severity: str = "error") -> FhirResponse:
    """Return an answer whose body is an OperationOutcome with one issue."""
    return FhirResponse(status, orjson.dumps(operation_outcome(issue, diagnostics, severity)))


def operation_outcome(issue: str, diagnostics: str, severity: str = "error") -> dict[str, Any]:
    """Return an OperationOutcome resource with one issue."""
    return {
        "resourceType": "OperationOutcome",
        "issue": [{"severity": severity, "code": issue, "diagnostics": diagnostics}],
    }
