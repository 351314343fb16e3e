"""What a sandbox is made of, as the parent process tells its child: one JSON object on standard input."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

import orjson


@dataclass(frozen=True)
class Client:
    """An application to register: public keys, scopes, FHIR Permission (JSON), and how it is watched.

    ``acts`` are played to it in order; ``page_limit`` caps its pages.
    """

    client_id: str
    jwks: Mapping[str, Any]
    scopes: str
    permission: Mapping[str, Any]
    purpose: str = "TREAT"
    acts: tuple[str, ...] = ()
    page_limit: int | None = None


@dataclass(frozen=True)
class SandboxPlan:
    """``journal`` and ``store`` are paths; ``redaction_key`` is hexadecimal and lives as long as the run.

    ``ports`` asks for fixed ports by name (``gateway``, ``token``, ``backend``, ``decoy``); 0 or absent lets
    the system choose. ``data`` is a folder of ``lab data generate`` to fill the hospital with, of which only
    ``types`` when given; empty, a hospital of ``patients`` people is drawn from ``seed``.
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

    def to_line(self) -> bytes:
        """Return the plan as one line of JSON."""
        return orjson.dumps(asdict(self)) + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> Self:
        """Read what ``to_line`` wrote."""
        data = orjson.loads(line)
        clients = tuple(Client(**{**c, "acts": tuple(c["acts"])}) for c in data.pop("clients"))
        return cls(**{**data, "types": tuple(data["types"])}, clients=clients)


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
