"""What is known of one request on its way through the gateway, for the journal and the audit."""

from dataclasses import dataclass, field

from lab.authserver.registry import Registration
from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirResponse
from lab.model.exchange import Decision


@dataclass(frozen=True)
class Entry:
    """One entry of a batch as it was decided and answered."""

    request: FhirRequest
    answer: FhirResponse
    decision: Decision


@dataclass
class Passage:
    """``parsed`` and ``registration`` are None until they are known; ``entries`` are those of a batch.

    ``about`` is the patient that the act is about.
    """

    answer: FhirResponse = field(default_factory=lambda: FhirResponse(500))
    decision: Decision | None = None
    client: str = ""
    probing: bool = False
    act: str | None = None
    about: str = ""
    certificate: str = ""
    proxy: str = ""
    entries: list[Entry] = field(default_factory=list)
    parsed: FhirRequest | None = None
    registration: Registration | None = None
