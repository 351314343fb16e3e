"""What the caller knows of the server under test: where it is, who may ask, and what each may see."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Signer:
    """What signs the assertions of a persona: its client, who is asked, its key (PEM, ES384) by name."""

    client_id: str
    audience: str
    key: str = field(repr=False)
    kid: str


@dataclass(frozen=True)
class TokenRequest:
    """How a persona asks for a token at the token endpoint (RFC 6749 section 4.4.2, form encoded).

    ``form`` holds the fields that never change. With a ``signer`` each request carries an assertion signed
    for it (RFC 7523). ``assertions`` are signed beforehand, for one use each, consumed in order; they grow
    old in minutes. With neither, the form is sent as it is.
    """

    form: tuple[tuple[str, str], ...] = field(repr=False)
    assertions: tuple[str, ...] = field(default=(), repr=False)
    signer: Signer | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Persona:
    """Who sends a request: a static bearer, a token request, or neither for an open server.

    ``restricted`` marks a persona whose scopes, cohort or attributes are narrowed: it plays the expected
    denials. ``source`` is the local IP address to send from; None leaves the choice to the system.
    """

    name: str
    restricted: bool = False
    bearer: str | None = field(default=None, repr=False)
    token: TokenRequest | None = field(default=None, repr=False)
    source: str | None = None

    @property
    def credentialed(self) -> bool:
        """Whether this persona presents a token at all."""
        return self.bearer is not None or self.token is not None


@dataclass(frozen=True)
class Target:
    """The server under test, as paths relative to ``base_url`` and the answers they must give.

    ``readable``: references an unrestricted persona may read (``Patient/pat-000001``).
    ``polled`` and ``searched``: searches it may make; ``{since}`` in them becomes the start of the run.
    ``charts``: for some patients, the paths that opening the chart of one asks at once.
    ``wide``: searches that a greedy application makes: very large pages, everything included.
    ``outside``: references a restricted persona must not be able to read.
    ``denied_type``: a resource type outside its scopes.
    ``masked``: paths it may read although elements of the answer are withheld (default: ``searched``).
    ``masked_values``: strings that must appear in none of those answers.
    ``refused_source``: a local IP address the server must refuse.
    """

    base_url: str
    personas: tuple[Persona, ...]
    token_url: str | None = None
    readable: tuple[str, ...] = ()
    polled: tuple[str, ...] = ()
    searched: tuple[str, ...] = ()
    charts: tuple[tuple[str, ...], ...] = ()
    wide: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    denied_type: str | None = None
    masked: tuple[str, ...] = ()
    masked_values: tuple[str, ...] = ()
    refused_source: str | None = None

    @property
    def unrestricted(self) -> tuple[Persona, ...]:
        """The personas that play the ordinary traffic."""
        return tuple(persona for persona in self.personas if not persona.restricted)

    @property
    def restricted(self) -> tuple[Persona, ...]:
        """The personas that play the denials of scope, cohort and attributes."""
        return tuple(persona for persona in self.personas if persona.restricted)
