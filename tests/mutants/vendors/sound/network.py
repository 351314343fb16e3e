"""Level 1: who may connect, by the address of the connection, before anything else is looked at."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from tests.mutants.vendors.sound.message import Refused, Request

ALLOWED = ("127.0.0.1/32",)
PROXIES = ("127.0.0.9/32",)
_ADDRESS = re.compile(r"[0-9A-Fa-f.:]+")


class Network:
    """The networks that are let in, and the proxies that may say for whom they ask."""

    def check(self, request: Request) -> None:
        """Refuse an address, always in the same words."""
        if not self.allows(self.caller(request)):
            raise Refused(403, "forbidden", "This network is not allowed.")

    def caller(self, request: Request) -> str:
        """Return the address that counts: the peer, or whom a trusted proxy names last."""
        if not _within(request.peer, PROXIES):
            return request.peer
        named = request.all("x-forwarded-for")
        return self.last_hop(named[0]) if len(named) == 1 else ""

    def last_hop(self, chain: str) -> str:
        """Return the last address of a chain, nothing when it is not one of addresses."""
        hops = [hop.strip(" ") for hop in chain.split(",")]
        return hops[-1] if all(_ADDRESS.fullmatch(hop) and _known(hop) for hop in hops) else ""

    def allows(self, address: str) -> bool:
        """Tell whether an address is let in."""
        return _within(address, ALLOWED)


def _within(address: str, networks: tuple[str, ...]) -> bool:
    known = _known(address)
    return known is not None and any(known in ip_network(network) for network in networks)


def _known(address: str) -> IPv4Address | IPv6Address | None:
    """Read an address, an IPv4 one that is written as IPv6 as what it is."""
    try:
        known = ip_address(address)
    except ValueError:
        return None
    return (known.ipv4_mapped or known) if isinstance(known, IPv6Address) else known
