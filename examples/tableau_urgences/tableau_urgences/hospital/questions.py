"""What is asked of the hospital, what was found, and the answers that mean no.

Specs: https://hl7.org/fhir/R4/http.html, https://hl7.org/fhir/R4/search.html
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tableau_urgences.fhir import JSON
from tableau_urgences.hospital.transport import HospitalError


class Denied(HospitalError):  # noqa: N818 - the hospital's answer
    """The hospital does not open this resource type to us (403, or a scope that was not granted)."""


class Rejected(HospitalError):  # noqa: N818 - the hospital's answer
    """The hospital does not understand what we ask, or will not answer it; asking again changes nothing."""


class TooLarge(Rejected):
    """What we sent is more than the hospital takes at a time (413): less of it may be answered."""


class Gone(HospitalError):  # noqa: N818 - the hospital's answer
    """What was asked for is not there; it may come back (404)."""


class Deleted(Gone):
    """What was asked for was deleted: it is not to be asked for again (410)."""


@dataclass(frozen=True)
class Asked:
    """A request to the hospital; ``form`` makes it a form POST, whose fields stay out of the URL."""

    method: str
    url: str
    params: Mapping[str, str] | None = None
    form: Mapping[str, str] | None = None
    etag: str = ""


@dataclass
class Found:
    """What a search found. ``complete`` is false when pages were left: absence then proves nothing."""

    resources: list[JSON] = field(default_factory=list)
    asked_at: datetime | None = None
    complete: bool = True
