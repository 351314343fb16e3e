"""What the child process is told: a context that is kept with the run, and secrets that are not.

With the context and the journals a run can be judged again offline; the secrets are needed only to send.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from pydantic import TypeAdapter

from lab.checking.canary import Canary
from lab.model.target import SystemUnderTest


@dataclass(frozen=True)
class Access:
    """How one persona gets its token; with neither key nor secret it has none.

    ``key`` is a PEM private key for ES384 (``private_key_jwt``), ``rsa_key`` one for RS384 that is registered
    beside it, ``secret`` a client secret. ``source`` is the local address it calls from.
    """

    token_url: str = ""
    client_id: str = ""
    scopes: str = ""
    key: str = ""
    kid: str = ""
    secret: str = ""
    rsa_key: str = ""
    rsa_kid: str = ""


@dataclass(frozen=True)
class Context:
    """Everything a check may depend on, besides answers; ``checks`` are the planned ids, in order.

    ``hospital`` gives the public addresses of the sandbox by name: fhir, token, decoy, backend. ``canary``
    is what was planted, ``twin_url`` the base of the second instance of the application (its identities are
    named ``restricted@two``...), empty when there is none. ``artefacts`` are places of its files that look
    like keys; ``requests`` is how many random requests the proof of non-interference asks.
    """

    checks: tuple[str, ...]
    subject: SystemUnderTest
    seed: int
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hospital: Mapping[str, str] = field(default_factory=dict)
    acts: tuple[str, ...] = ()
    canary: Canary = field(default_factory=Canary)
    twin_url: str = ""
    artefacts: tuple[str, ...] = ()
    requests: int = 200


@dataclass(frozen=True)
class Secrets:
    """Keys and tokens, which exist only while the run does; ``access`` is by persona name."""

    access: Mapping[str, Access] = field(default_factory=dict)
    redaction_key: str = ""
    laboratory_secret: str = ""
    backend_key: str = ""


@dataclass(frozen=True)
class EnginePlan:
    """``application_journal`` is read, ``own_journal`` is written, or read back when ``replay`` is set.

    ``application_journal`` is empty when the application was not watched, ``application_output`` (a file)
    when the laboratory did not start it. ``vendor_checks`` is a folder of checks of the vendor, which are
    then run in place of ours.
    """

    context: Context
    secrets: Secrets
    application_journal: str
    own_journal: str
    replay: bool = False
    application_output: str = ""
    vendor_checks: str = ""


PLAN: TypeAdapter[EnginePlan] = TypeAdapter(EnginePlan)
CONTEXT: TypeAdapter[Context] = TypeAdapter(Context)


def shareable(context: Context) -> Context:
    """Return the context without the client secrets that the manifest holds."""
    server = context.subject.server
    if server is None:
        return context
    identities = tuple(replace(identity, client_secret="") for identity in server.identities)
    return replace(context, subject=replace(context.subject, server=replace(server, identities=identities)))
