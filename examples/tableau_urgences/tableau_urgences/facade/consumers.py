"""Who may ask: levels 1 to 3 of our own security. Default deny, each level before the next.

1 network: the peer of the socket. 2 application: a token in force of a known consumer, verified by
introspection at the hospital's token server. 3 resource type: the scopes of that token.
Specs: RFC 6750, RFC 7662, SMART scopes v2.
"""

import asyncio
import hashlib
import json
import re
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Any

from tableau_urgences.exchange import Refusal, Request
from tableau_urgences.facade.elements import ELEMENTS
from tableau_urgences.fhir import JSON, allows, text
from tableau_urgences.hospital.transport import HospitalError

Network = IPv4Network | IPv6Network
Introspect = Callable[[str], Awaitable[JSON]]

BELIEVED_FOR_S = 5.0
_KNOWN_TOKENS = 1000
_BEARER = re.compile(r"bearer +([A-Za-z0-9\-._~+/]+=*)", re.IGNORECASE)
_CHALLENGE = 'Bearer realm="tableau-urgences"'


class ConsumersError(ValueError):
    """One sentence: what was expected of consumers.json, what was seen."""


@dataclass(frozen=True)
class Consumer:
    """``locations`` is None for every site; ``masked`` holds ``Type.element`` paths."""

    client_id: str
    networks: tuple[Network, ...]
    locations: frozenset[str] | None
    masked: frozenset[str]

    def sees_place(self, location: str) -> bool:
        """Tell whether the site is one of this consumer's."""
        return self.locations is None or location in self.locations


@dataclass(frozen=True)
class Caller:
    """A consumer with the scopes of the token it used."""

    consumer: Consumer
    scope: str


@dataclass(frozen=True)
class Consumers:
    """``screens`` are the networks of the page; a consumer that is not named has no access."""

    screens: tuple[Network, ...]
    by_client: dict[str, Consumer]

    @property
    def networks(self) -> tuple[Network, ...]:
        """Return every network that may reach us at all."""
        return (*self.screens, *(n for consumer in self.by_client.values() for n in consumer.networks))


def read_consumers(path: Path) -> Consumers:
    """Read consumers.json; what cannot be enforced exactly is refused, never ignored.

    Raises:
        ConsumersError: the file is missing or not of the form that README.md shows.
    """
    try:
        document = json.loads(path.read_bytes())
        known = {name: _consumer(name, given) for name, given in document["consumers"].items()}
        return Consumers(_networks(document["screens"]), known)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"The consumers file {path.name} cannot be used: {error!r}. See README.md for its form."
        raise ConsumersError(message) from None


def _consumer(client_id: str, given: dict[str, Any]) -> Consumer:
    if set(given) != {"cidr", "locations", "masked"}:
        message = f"{client_id} needs exactly cidr, locations and masked"
        raise ValueError(message)
    if unknown := [path for path in given["masked"] if path not in ELEMENTS]:
        message = f"{client_id} masks {unknown[0]}, which is no element of Patient or Encounter"
        raise ValueError(message)
    locations = None if given["locations"] == "all" else frozenset(_names(given["locations"]))
    return Consumer(client_id, _networks(given["cidr"]), locations, frozenset(given["masked"]))


def _names(given: object) -> list[str]:
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        message = 'locations is neither "all" nor a list of ids'
        raise ValueError(message)
    return given


def _networks(given: Iterable[str]) -> tuple[Network, ...]:
    return tuple(ip_network(text) for text in given)


class Gate:
    """The three first levels, applied to one request."""

    def __init__(self, consumers: Consumers, introspect: Introspect) -> None:
        self.consumers = consumers
        self._introspect = introspect
        self._answers: dict[str, tuple[float, asyncio.Future[JSON]]] = {}

    def is_inside(self, peer: str, networks: Iterable[Network]) -> bool:
        """Level 1: tell whether the peer of the socket is in one of the networks."""
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        return any(address in network for network in networks if network.version == address.version)

    async def application(self, request: Request) -> Caller:
        """Level 2: return the consumer whose token the request carries.

        Raises:
            Refusal: 400, 401, 403, or 503 when the token cannot be verified now.
        """
        if request.count("authorization") > 1:
            raise Refusal(400, "invalid", "The header Authorization is repeated.", level=2)
        bearer = _BEARER.fullmatch(request.header("authorization"))
        if bearer is None:
            words = "An access token is required."
            raise Refusal(401, "login", words, level=2, www_authenticate=_CHALLENGE)
        try:
            facts = await self._facts(bearer[1])
        except HospitalError:
            words = "The token cannot be verified at the moment."
            raise Refusal(503, "transient", words, level=2, retry_after="5") from None
        expires = facts.get("exp")
        in_force = facts.get("active") is True and isinstance(expires, int | float) and expires > time.time()
        if not in_force or "cnf" in facts:  # a token bound to a key would need a proof that we cannot check
            challenge = f'{_CHALLENGE}, error="invalid_token"'
            words = "The access token is not valid."
            raise Refusal(401, "login", words, level=2, www_authenticate=challenge)
        consumer = self.consumers.by_client.get(text(facts, "client_id"))
        if consumer is None:
            raise Refusal(403, "forbidden", "This application is not a consumer of the board.", level=2)
        return Caller(consumer, text(facts, "scope"))

    def resource_type(self, caller: Caller, type_: str, action: str) -> None:
        """Level 3: refuse what the scopes of the token do not open.

        Raises:
            Refusal: 403.
        """
        if not allows(caller.scope, type_, action):
            challenge = f'{_CHALLENGE}, error="insufficient_scope"'
            words = "The access token does not open this."
            raise Refusal(403, "forbidden", words, level=3, www_authenticate=challenge)

    async def _facts(self, token: str) -> JSON:
        """Return what introspection says, believed for at most 5 s so that a revocation is felt."""
        digest = hashlib.sha256(token.encode()).hexdigest()
        now = time.monotonic()
        until, answer = self._answers.get(digest, (0.0, None))
        if answer is None or until <= now:
            if len(self._answers) >= _KNOWN_TOKENS:
                self._answers = {key: known for key, known in self._answers.items() if known[0] > now}
            answer = asyncio.ensure_future(self._introspect(token))
            self._answers[digest] = (now + BELIEVED_FOR_S, answer)
        try:
            return await asyncio.shield(answer)
        except HospitalError:
            self._answers.pop(digest, None)
            raise
