"""The system under test, as its manifest describes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lab.model.platform import Platform
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
    imports or names. Without ``jwks`` the laboratory makes a key pair and gives the private key to the
    application by ``{key_file}``. The hooks are optional: ``state_url`` answers which patients it holds,
    ``page_url`` the page that it shows to people, ``echo_url`` a resource as it holds it, ``sink_url`` what
    it passes on, ``jwks_url`` its public keys; ``artefacts`` are files and folders (relative to the manifest)
    of what it is delivered as. ``bulk_above`` is the agreed number of resources above which it exports, 0 for
    none. ``restartable`` says that it may be killed and started again, and resumes its work.
    """

    client_id: str
    scopes: str
    permission: Mapping[str, Any]
    jwks: Mapping[str, Any] | None = None
    purpose: str = "TREAT"
    poll_interval_s: float = 5.0
    watch_s: float = 60.0
    library: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    state_url: str = ""
    page_url: str = ""
    echo_url: str = ""
    sink_url: str = ""
    bulk_above: int = 0
    jwks_url: str = ""
    restartable: bool = False
    artefacts: tuple[str, ...] = ()


IDENTITIES = ("full", "restricted", "other", "research", "contact")
"""The callers of an application, see ``Identity``."""


@dataclass(frozen=True)
class Identity:
    """A caller of the application as a server.

    ``full`` sees everything; ``restricted`` is confined by scopes, cohort and masks; ``other`` is a second
    confined one, of another cohort; ``research`` makes secondary use (coded, nobody named, without those who
    object to it); ``contact`` notifies patients and sees no reason for care.

    ``issuer`` says whose token server gives its token: the laboratory's (the application introspects it),
    the application's own, or nobody's (an open server). With ``authentication`` ``private_key_jwt`` it asks
    the application's own with the laboratory's key, see ``{laboratory_jwks}``.

    ``inside`` and ``outside`` are patient ids on the application; ``cohort_group`` names a Group of the
    synthetic hospital, or one of those that the laboratory plants. ``patient_mark`` is what a planted Patient
    carries to be in the cohort, where the application has a cohort notion of its own.
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
    authentication: Literal["client_secret", "private_key_jwt"] = "client_secret"
    patient_mark: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ServerRole:
    """The application as a FHIR server. ``refused_source`` is an address that its network level refuses.

    ``seed_patients`` asks the laboratory to fill it with that many synthetic patients, and to clean up.
    ``canary`` says how marked patients get in: by its API, or by a file that it loads when it starts
    (``{fixture}``); empty, none do. ``networks`` are those that it lets in, ``trusted_proxy`` the address
    whose X-Forwarded-For it believes, ``upstream_url`` what stands behind it and must not answer anybody,
    ``exposure`` the status that each path gives a refused address where it is not 403.
    ``certified_capability`` is its CapabilityStatement when it was last certified, empty when none is given.
    ``platform`` is what the hospital asks of the types that it exposes.
    """

    base_url: str
    identities: tuple[Identity, ...]
    token_url: str = ""
    read_only: bool = True
    refused_source: str = ""
    seed_patients: int = 0
    canary: Literal["", "api", "file"] = ""
    networks: tuple[str, ...] = ()
    trusted_proxy: str = ""
    upstream_url: str = ""
    exposure: Mapping[str, int] = field(default_factory=dict)
    certified_capability: Mapping[str, Any] = field(default_factory=dict)
    platform: Platform | None = None

    def identity(self, name: str) -> Identity | None:
        """Return the identity of that name."""
        return next((identity for identity in self.identities if identity.name == name), None)


@dataclass(frozen=True)
class LoadPromise:
    """The load that the application promises to bear; ``assumptions`` replace figures of the profile."""

    profile: str = "steady-poll"
    duration_s: float = 20.0
    scale: float = 1.0
    assumptions: Mapping[str, float] = field(default_factory=dict)


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
    own_checks: str = ""
