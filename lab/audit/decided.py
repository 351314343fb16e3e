"""What the gateway tells of one decision: everything an AuditEvent is made from."""

from dataclasses import dataclass

from lab.fhir.request import FhirRequest
from lab.model.exchange import Decision


@dataclass(frozen=True)
class Caller:
    """Who asked, from where, and by which Permission; what is not known is empty.

    ``laboratory`` marks the laboratory's own requests in the name of the application.
    """

    peer: str
    client: str = ""
    purpose: str = ""
    permission: str = ""
    permission_version: str = ""
    laboratory: bool = False


@dataclass(frozen=True)
class Decided:
    """One request, what was decided of it and the status of its answer.

    ``request`` is None when it could not be read. ``entries`` are those of a transaction. ``seen`` are the
    patients whose data the answer carries, ``written`` those whose data the request brought and that were
    stored. ``location`` is the address of what was created. ``inside`` is the event that this one is part of:
    that of the batch, or of the answer that is sent in pieces.
    """

    request: FhirRequest | None
    decision: Decision | None
    status: int
    seen: tuple[str, ...] = ()
    written: tuple[str, ...] = ()
    entries: tuple[FhirRequest, ...] = ()
    location: str = ""
    act: str = ""
    inside: str = ""

    @property
    def allowed(self) -> bool:
        """Tell whether the caller was given what it asked for."""
        return self.status < 400 and (self.decision is None or self.decision.allow)
