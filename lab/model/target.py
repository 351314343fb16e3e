"""The system under test, as its manifest describes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lab.model.words import Role


@dataclass(frozen=True)
class Start:
    """How the laboratory starts the application; placeholders in braces are filled in when it does."""

    command: tuple[str, ...]
    directory: str
    ready_url: str
    environment: Mapping[str, str] = field(default_factory=dict)
    ready_timeout_s: float = 30.0
    stop_timeout_s: float = 5.0


@dataclass(frozen=True)
class ClientRole:
    """The application as a client of the hospital: its grant, which is the least it needs.

    ``permission`` is the FHIR Permission as JSON data; ``library`` are, by reference, the resources that it
    imports or names. Without ``jwks`` the laboratory makes a key pair and
    gives the private key to the application by ``{key_file}``.
    """

    client_id: str
    scopes: str
    permission: Mapping[str, Any]
    jwks: Mapping[str, Any] | None = None
    purpose: str = "TREAT"
    poll_interval_s: float = 5.0
    watch_s: float = 60.0
    library: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Identity:
    """A caller of the application as a server: ``full``, or ``restricted`` by scopes, cohort and masks.

    ``issuer`` says whose token server gives its token: the laboratory's (the application introspects it),
    the application's own, or nobody's (an open server). ``inside`` and ``outside`` are patient ids on the
    application; ``cohort_group`` names a Group of the synthetic hospital instead.
    """

    name: str
    issuer: Literal["laboratory", "application", "nobody"]
    client_id: str = ""
    client_secret: str = ""
    scopes: str = ""
    cohort_group: str = ""
    inside: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    masked: tuple[str, ...] = ()


@dataclass(frozen=True)
class ServerRole:
    """The application as a FHIR server. ``refused_source`` is an address that its network level refuses.

    ``seed_patients`` asks the laboratory to fill it with that many synthetic patients, and to clean up.
    """

    base_url: str
    identities: tuple[Identity, ...]
    token_url: str = ""
    read_only: bool = True
    refused_source: str = ""
    seed_patients: int = 0

    def identity(self, name: str) -> Identity | None:
        """Return the identity of that name."""
        return next((identity for identity in self.identities if identity.name == name), None)


@dataclass(frozen=True)
class LoadPromise:
    """The load that the application promises to bear."""

    profile: str = "steady-poll"
    duration_s: float = 20.0
    scale: float = 1.0


@dataclass(frozen=True)
class SystemUnderTest:
    """One application; ``folder`` is where its manifest stands, which its paths are relative to."""

    vendor: str
    name: str
    version: str
    roles: tuple[Role, ...]
    folder: str
    digest: str
    start: Start | None = None
    client: ClientRole | None = None
    server: ServerRole | None = None
    load: LoadPromise | None = None
