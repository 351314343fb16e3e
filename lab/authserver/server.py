"""What the endpoints of the token server stand on, and how they refuse.

Spec: RFC 6749 section 5.2
"""

from dataclasses import dataclass, field

from lab.authserver.conduct import Conduct
from lab.authserver.key_ring import KeyRing
from lab.authserver.rate_limit import Rate, RateLimits
from lab.authserver.registry import Registry
from lab.authserver.tokens import Tokens
from lab.authserver.used_ids import UsedIds
from lab.fhir.policy import Network
from lab.journal.journal import Journal
from lab.journal.redact import Redactor
from lab.model.release import Release

WRONG_RATE = Rate(per_second=0.5, burst=60)


@dataclass(frozen=True)
class TokenServer:
    """What the endpoints need; ``url`` is the public address of the token server, without a path.

    ``proxies`` are the networks whose forwarding headers are believed. ``peer_rate`` bounds what one address
    may send, before anything of it is read; an IPv6 address counts as its /64. Without one there is no bound.
    ``wrong_rate`` bounds the wrong assertions of one address in the name of one application: who guesses
    waits, and keeps nobody out who calls from elsewhere. ``conducts`` are, by application, what acts change.
    ``release`` is that of the resources that scopes open.
    """

    url: str
    registry: Registry
    tokens: Tokens
    used: UsedIds
    journal: Journal
    redactor: Redactor
    started: float
    keys: KeyRing = field(default_factory=KeyRing)
    proxies: tuple[Network, ...] = ()
    limits: RateLimits = field(default_factory=RateLimits)
    peer_rate: Rate | None = None
    wrong_rate: Rate = WRONG_RATE
    conducts: dict[str, Conduct] = field(default_factory=dict)
    release: Release = "R4"

    @property
    def token_url(self) -> str:
        """Return the token endpoint, which is also the audience of every assertion."""
        return f"{self.url}/token"

    @property
    def introspection_url(self) -> str:
        """Return the introspection endpoint."""
        return f"{self.url}/introspect"

    @property
    def revocation_url(self) -> str:
        """Return the revocation endpoint."""
        return f"{self.url}/revoke"


class OAuthRefused(Exception):  # noqa: N818 - an OAuth error answer
    """A request that gets an OAuth error; ``rule`` and the reason are for the operator's journal.

    ``level`` is the one of the five that refused, ``retry_after`` the seconds to wait, when it helps.
    """

    def __init__(
        self,
        error: str,
        reason: str,
        status: int = 400,
        *,
        level: int = 2,
        rule: str = "",
        retry_after: int = 0,
    ) -> None:
        """Keep what the answer and the journal need."""
        super().__init__(reason)
        self.error = error
        self.status = status
        self.level = level
        self.rule = rule or error
        self.retry_after = retry_after
