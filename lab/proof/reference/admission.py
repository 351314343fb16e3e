"""Levels 1 and 2 as the reference decides them: who calls from where, with which credential.

Specs: ``docs/five-levels.md``, sections 1 and 2; RFC 6750; RFC 8705 section 3
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network

ONE_HEADER_TWICE, NO_NETWORK, NO_TOKEN, ELSEWHERE, TOO_MANY = 400, 403, 401, 404, 429


@dataclass(frozen=True)
class Application:
    """``networks`` are CIDR texts; ``patients`` all that it may see; ``burst`` what it may send at once."""

    id: str
    networks: tuple[str, ...]
    patients: frozenset[str]
    certificate_bound: bool = False
    burst: int = 0


@dataclass(frozen=True)
class Ticket:
    """A token that was issued, until ``expires``; ``certificate`` is the only one that may use it."""

    application: str
    expires: float
    certificate: str = ""


@dataclass(frozen=True)
class Hops:
    """A forwarding header; ``hops`` None is one that cannot be read."""

    name: str
    hops: tuple[str, ...] | None


@dataclass(frozen=True)
class Knock:
    """One request: ``credentials`` are those of Authorization headers, ``linked`` whose page is asked for.

    ``token`` is one that is sent in other places too, where it is none. ``target`` is ``search``, ``read``,
    ``page``, ``metadata``, ``configuration`` or ``elsewhere``.
    """

    peer: str
    forwarding: tuple[Hops, ...]
    credentials: tuple[str, ...]
    certificate: str
    target: str
    patient: str = ""
    linked: str = ""
    token: str = ""


@dataclass
class Door:
    """What is known at a moment; ``taken`` is what applications with a burst have already sent."""

    applications: Mapping[str, Application]
    proxies: tuple[str, ...]
    now: float = 0.0
    tickets: dict[str, Ticket] = field(default_factory=dict)
    revoked: set[str] = field(default_factory=set)
    disabled: set[str] = field(default_factory=set)
    taken: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Due:
    """The status that is due, and the patients to be shown; None where there are none to show."""

    status: int
    patients: frozenset[str] | None = None


def due(door: Door, knock: Knock) -> Due:  # noqa: PLR0911 - a table
    """Return what is due to a request, and count it where it counts."""
    caller = _caller(door, knock)
    known = [one for one in door.applications.values() if one.id not in door.disabled]
    if not any(_inside(caller, one.networks) for one in known):
        return Due(NO_NETWORK)
    if len(knock.credentials) > 1:
        return Due(ONE_HEADER_TWICE)
    if knock.target in {"metadata", "configuration"}:
        return Due(200)
    if knock.target == "elsewhere":
        return Due(ELSEWHERE)
    application = _bearer(door, knock)
    if application is None:
        return Due(NO_TOKEN)
    if not _inside(caller, application.networks):
        return Due(NO_NETWORK)
    if application.burst:
        if door.taken.get(application.id, 0) >= application.burst:
            return Due(TOO_MANY)
        door.taken[application.id] = door.taken.get(application.id, 0) + 1
    return _served(application, knock)


def _served(application: Application, knock: Knock) -> Due:
    if knock.target == "read":
        seen = knock.patient in application.patients
        return Due(200, frozenset({knock.patient})) if seen else Due(404)
    if knock.target == "page" and knock.linked != application.id:
        return Due(410)
    return Due(200, application.patients)


def _bearer(door: Door, knock: Knock) -> Application | None:
    scheme, _, token = (knock.credentials or ("",))[0].partition(" ")
    ticket = door.tickets.get(token) if scheme in {"Bearer", "bearer"} else None
    if ticket is None or token in door.revoked or door.now >= ticket.expires:
        return None
    application = door.applications[ticket.application]
    if application.id in door.disabled or (application.certificate_bound and not ticket.certificate):
        return None
    if ticket.certificate and ticket.certificate != knock.certificate:
        return None
    return application


def _caller(door: Door, knock: Knock) -> str:
    """Return the address of the socket or, behind a proxy, the last hop that is none; empty for nobody."""
    if not _inside(knock.peer, door.proxies):
        return knock.peer
    told = {header.hops for header in knock.forwarding}
    twice = len({header.name for header in knock.forwarding}) < len(knock.forwarding)
    if len(told) != 1 or None in told or twice:
        return ""
    (hops,) = told
    outside = [hop for hop in hops or () if not _inside(hop, door.proxies)]
    return outside[-1] if outside else ""


def _inside(text: str, networks: tuple[str, ...]) -> bool:
    """Tell whether a network holds an address, bit by bit; one mapped into IPv6 is of IPv4."""
    try:
        address = ip_address(text)
    except ValueError:
        return False
    number, length = int(address), address.max_prefixlen
    if length == 128 and number >> 32 == 0xFFFF:
        number, length = number & 0xFFFFFFFF, 32
    for cidr in networks:
        network = ip_network(cidr)
        spare = length - network.prefixlen
        if network.max_prefixlen == length and number >> spare == int(network.network_address) >> spare:
            return True
    return False
