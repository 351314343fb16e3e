"""Agree on a format: this server speaks FHIR JSON, and says so.

Spec: https://hl7.org/fhir/R4/http.html#mime-type
"""

from collections.abc import Collection, Mapping
from functools import lru_cache

from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirError
from lab.model.release import VERSIONS, Release

_FORMATS = frozenset(
    {"json", "application/json", "application/fhir+json", "application/fhir json", "text/json"}
)
_RANGES = _FORMATS | {"*/*", "application/*"}
BODIES = frozenset({"application/json", "application/fhir+json", "application/json+fhir"})


def check_accepted(request: FhirRequest, release: Release) -> None:
    """Verify that the client takes FHIR JSON of a release; ``_format`` goes before the header Accept.

    Raises:
        FhirError: 406 when it does not.
    """
    formats = request.values("_format")
    if formats:
        if not _takes(formats[-1], release, _FORMATS):
            raise _not_acceptable(release)
        return
    if not _accepts(request.headers.get("accept", ""), release):
        raise _not_acceptable(release)


@lru_cache(maxsize=256)
def _accepts(header: str, release: Release) -> bool:
    return not header or any(_takes(part, release, _RANGES) for part in header.split(","))


def check_body(request: FhirRequest) -> None:
    """Verify that a resource is sent as FHIR JSON.

    Raises:
        FhirError: 415 when it is not.
    """
    if media_type(request) not in BODIES:
        raise FhirError(415, "not-supported", "A resource is sent as application/fhir+json.")


def check_sent(request: FhirRequest, release: Release) -> None:
    """Verify that the media type of a body names no other release of FHIR.

    Raises:
        FhirError: 415 when it does.
    """
    if not _is_of(release, _read(request.headers.get("content-type", ""))[1]):
        spoken, _ = _names(release)
        raise FhirError(415, "not-supported", f"This server takes resources of FHIR {spoken}.")


def media_type(request: FhirRequest) -> str:
    """Return the media type of the body, without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def preferences(request: FhirRequest) -> dict[str, str]:
    """Return what the header Prefer asks for: ``return``, ``handling``."""
    if "prefer" not in request.headers:
        return {}
    parts = request.headers["prefer"].replace(";", ",").split(",")
    pairs = (part.partition("=") for part in parts)
    return {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs if name.strip()}


def _takes(part: str, release: Release, ranges: Collection[str]) -> bool:
    media_range, named = _read(part)
    if not _is_of(release, named):
        return False
    try:
        quality = float(named.get("q", "1"))
    except ValueError:
        quality = 0.0
    return media_range in ranges and quality > 0


def _read(media_type_: str) -> tuple[str, dict[str, str]]:
    """Return a media type or a range of them, and its parameters."""
    name, *parameters = (piece.strip().lower() for piece in media_type_.split(";"))
    return name, dict(p.partition("=")[::2] for p in parameters)


def _is_of(release: Release, parameters: Mapping[str, str]) -> bool:
    """Tell whether a media type is of a release; one that names none is."""
    return "fhirversion" not in parameters or parameters["fhirversion"].strip('"') in _names(release)


def _names(release: Release) -> tuple[str, str]:
    """Return the values of the parameter ``fhirVersion`` that name a release: ``4.0`` and ``4.0.1``."""
    version = VERSIONS[release]
    return version.rpartition(".")[0], version


def _not_acceptable(release: Release) -> FhirError:
    spoken, _ = _names(release)
    return FhirError(406, "not-supported", f"This server answers in application/fhir+json, of FHIR {spoken}.")
