"""What a sandbox is made of, as the parent process tells its child: one JSON object on standard input."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import orjson

from lab.authserver.rate_limit import Rate
from lab.fhirserver.listening import Tls
from lab.model.release import Release


@dataclass(frozen=True)
class Client:
    """An application to register: public keys, scopes, FHIR Permission (JSON), and how it is watched.

    ``library`` are the resources that the Permission imports or names, by reference. ``acts`` are played to
    it in order; ``page_limit`` caps its pages. The other fields are those of
    ``lab.authserver.registry.Registration``.
    """

    client_id: str
    jwks: Mapping[str, Any]
    scopes: str
    permission: Mapping[str, Any]
    purpose: str = "TREAT"
    acts: tuple[str, ...] = ()
    page_limit: int | None = None
    jwks_file: str = ""
    jwks_url: str = ""
    certificate_bound: bool = False
    resource_server: bool = False
    rate: Rate | None = None
    library: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class Share:
    """Which of the worker processes of one sandbox this is, and what all of them share.

    Number 1 fills the hospital and plays the acts. ``sockets`` are numbers of open sockets by name,
    ``page_key`` is hexadecimal, ``started`` is read on the monotonic clock.
    """

    number: int
    sockets: Mapping[str, int]
    page_key: str
    backend_key: str
    started: float


@dataclass(frozen=True)
class External:
    """A FHIR server that stands in place of the embedded one. See ``lab.backends.external.address``."""

    url: str
    headers: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class SandboxPlan:
    """``journal`` and ``store`` are paths; ``redaction_key`` is hexadecimal and lives as long as the run.

    ``store`` may be the URL of an empty database instead.

    ``ports`` asks for fixed ports by name (``gateway``, ``token``, ``backend``, ``decoy``); 0 or absent lets
    the system choose. ``data`` is a folder of ``lab data generate`` to fill the hospital with, of which only
    ``types`` when given; empty, a hospital of ``patients`` people is drawn from ``seed``.

    ``workers`` processes serve gateway and token server together; more than one need ``state``, the path of
    the file with their tokens (without it, tokens live in memory). ``proxies`` are the networks (CIDR) whose
    forwarding headers are believed. ``peer_rate`` bounds what one address sends to the token server.
    ``jwks_authorities`` is a PEM file that verifies the servers of ``jwks_url``, in place of the public ones.
    With ``external`` nothing is filled: the hospital is what that server holds. ``release`` is that of the
    hospital's resources; the synthetic hospital is of R4, so that one of R5 starts empty or from a ``data``
    folder of its own: NDJSON files named by type. ``share`` is for the sandbox itself to fill.
    """

    seed: int
    patients: int
    journal: str
    store: str
    redaction_key: str
    laboratory_secret: str
    clients: tuple[Client, ...] = ()
    ports: Mapping[str, int] = field(default_factory=dict)
    data: str = ""
    types: tuple[str, ...] = ()
    workers: int = 1
    state: str = ""
    proxies: tuple[str, ...] = ()
    peer_rate: Rate | None = None
    tls: Tls | None = None
    jwks_authorities: str = ""
    external: External | None = None
    release: Release = "R4"
    share: Share | None = None

    def to_line(self) -> bytes:
        """Return the plan as one line of JSON."""
        return orjson.dumps(asdict(self)) + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Self:
        """Read what ``to_line`` wrote."""
        data = orjson.loads(line)
        clients = tuple(
            Client(**{**c, "acts": tuple(c["acts"]), "rate": _made(Rate, c["rate"])})
            for c in data.pop("clients")
        )
        made = {"peer_rate": _made(Rate, data["peer_rate"]), "tls": _made(Tls, data["tls"])}
        made["external"] = _made(External, data["external"])
        lists = {name: tuple(data[name]) for name in ("types", "proxies")}
        return cls(**{**data, **lists, **made, "share": _made(Share, data["share"])}, clients=clients)


def _made(kind: type[Any], data: Mapping[str, Any] | None) -> Any:
    return None if data is None else kind(**data)


class PlanError(ValueError):
    """A plan that cannot be carried out; the sentence says what to change."""


@dataclass(frozen=True)
class Addresses:
    """Where the parts of a running sandbox answer, and what it holds.

    ``backend_key`` opens the backend's own port, which no application may use.
    """

    fhir_base_url: str
    token_url: str
    introspection_url: str
    backend_url: str
    decoy_url: str
    backend_key: str
    resources: int
    started: float
    groups: Mapping[str, tuple[str, ...]]
    process: int
    audit_url: str = ""

    @property
    def public(self) -> dict[str, str]:
        """Return, by name, the addresses that checks may call."""
        return {
            "fhir": self.fhir_base_url,
            "token": self.token_url,
            "decoy": self.decoy_url,
            "backend": self.backend_url,
        }
