"""Agree on a format: this server speaks FHIR JSON, and says so.

Spec: https://hl7.org/fhir/R4/http.html#mime-type
"""

from functools import lru_cache

from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirError

_FORMATS = frozenset(
    {"json", "application/json", "application/fhir+json", "application/fhir json", "text/json"}
)
_RANGES = _FORMATS | {"*/*", "application/*"}
BODIES = frozenset({"application/json", "application/fhir+json", "application/json+fhir"})


def check_accepted(request: FhirRequest) -> None:
    """Verify that the client takes FHIR JSON; ``_format`` goes before the header Accept.

    Raises:
        FhirError: 406 when it does not.
    """
    formats = request.values("_format")
    if formats:
        if formats[-1].partition(";")[0].strip().lower() not in _FORMATS:
            raise _not_acceptable()
        return
    if not _accepts(request.headers.get("accept", "")):
        raise _not_acceptable()


@lru_cache(maxsize=256)
def _accepts(header: str) -> bool:
    return not header or any(_takes(part) for part in header.split(","))


def check_body(request: FhirRequest) -> None:
    """Verify that a resource is sent as FHIR JSON.

    Raises:
        FhirError: 415 when it is not.
    """
    if media_type(request) not in BODIES:
        raise FhirError(415, "not-supported", "A resource is sent as application/fhir+json.")


def media_type(request: FhirRequest) -> str:
    """Return the media type of the body, without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def preferences(request: FhirRequest) -> dict[str, str]:
    """Return what the header Prefer asks for: ``return``, ``handling``."""
    parts = request.headers.get("prefer", "").replace(";", ",").split(",")
    pairs = (part.partition("=") for part in parts)
    return {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs if name.strip()}


def _takes(part: str) -> bool:
    media_range, *parameters = (piece.strip().lower() for piece in part.split(";"))
    named = dict(p.partition("=")[::2] for p in parameters)
    if named.get("fhirversion", "4.0") not in {"4.0", "4.0.1"}:
        return False
    try:
        quality = float(named.get("q", "1"))
    except ValueError:
        quality = 0.0
    return media_range in _RANGES and quality > 0


def _not_acceptable() -> FhirError:
    return FhirError(406, "not-supported", "This server answers in application/fhir+json, of FHIR 4.0.")
