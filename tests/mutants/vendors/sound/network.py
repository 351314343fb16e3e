"""Level 1: who may connect, by the address of the connection, before anything else is looked at."""

from ipaddress import IPv6Address, ip_address, ip_network

from tests.mutants.vendors.sound.message import Refused, Request

ALLOWED = ("127.0.0.1/32", "::1/128")
PROXIES = ("127.0.0.9/32",)


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
        if len(named) != 1:
            return ""
        return named[0].rpartition(",")[2].strip()

    def allows(self, address: str) -> bool:
        """Tell whether an address is let in."""
        return _within(address, ALLOWED)


def _within(address: str, networks: tuple[str, ...]) -> bool:
    try:
        known = ip_address(address)
    except ValueError:
        return False
    if isinstance(known, IPv6Address) and known.ipv4_mapped:
        known = known.ipv4_mapped
    return any(known in ip_network(network) for network in networks)
