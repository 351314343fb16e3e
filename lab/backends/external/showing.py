"""How an answer is written: the formats that are taken, compact or indented; and the parameters that say so.

``_summary`` and ``_elements`` are not taken: what they leave out is what tells whom a resource is about.

Spec: https://hl7.org/fhir/R4/http.html#mime-type
"""

from typing import Any

from lab.fhir.request import FhirRequest
from lab.fhir.response import FHIR_JSON, FhirError, FhirResponse
from lab.fhir.strict_json import write

PARAMETERS = frozenset({"_format", "_pretty"})
_FORMATS = frozenset(
    {"json", "application/json", "application/fhir+json", "application/fhir json", "text/json"}
)
_RANGES = _FORMATS | {"*/*", "application/*"}
_BODIES = frozenset({"application/json", "application/fhir+json"})


def check_accepted(request: FhirRequest) -> None:
    """Verify that the client takes FHIR JSON; ``_format`` goes before the header Accept.

    Raises:
        FhirError: 406 when it does not.
    """
    formats = request.values("_format")
    accept = request.headers.get("accept", "")
    said = formats[-1:] if formats else tuple(accept.split(",")) if accept else ("*/*",)
    if not any(part.partition(";")[0].strip().lower() in _RANGES for part in said):
        raise FhirError(406, "not-supported", "This server answers in application/fhir+json, of FHIR 4.0.")


def check_body(request: FhirRequest) -> None:
    """Verify that a resource is sent as FHIR JSON.

    Raises:
        FhirError: 415 when it is not.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in _BODIES:
        raise FhirError(415, "not-supported", "A resource is sent as application/fhir+json.")


def preference(request: FhirRequest, name: str) -> str:
    """Return what the header Prefer says of something, empty when it says nothing."""
    parts = request.headers.get("prefer", "").replace(";", ",").split(",")
    pairs = (part.partition("=") for part in parts)
    return next((value.strip().strip('"') for key, _, value in pairs if key.strip().lower() == name), "")


def shown(
    request: FhirRequest, value: Any, status: int = 200, headers: tuple[tuple[str, str], ...] = ()
) -> FhirResponse:
    """Return an answer with a body."""
    pretty = (request.values("_pretty") or ("false",))[-1] == "true"
    return FhirResponse(status, write(value, pretty=pretty), (("content-type", FHIR_JSON), *headers))
