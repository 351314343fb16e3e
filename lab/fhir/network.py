"""Read an address, and find the network that holds it: by number, never by how its text begins.

Spec: https://docs.python.org/3/library/ipaddress.html, RFC 4291 section 2.5.5.2 (IPv4-mapped addresses)
"""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from lab.fhir.policy import Network

Address = IPv4Address | IPv6Address


@lru_cache(maxsize=4096)
def address_of(text: str) -> Address | None:
    """Return the address that a text names, an IPv4-mapped one as IPv4; None when it names none."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def holder(address: Address, networks: Iterable[Network]) -> Network | None:
    """Return the first of the networks that holds the address."""
    for network in networks:
        if address.version == network.version and address in network:
            return network
    return None


def allowance(address: Address) -> str:
    """Return what one subscriber of the network has: an IPv4 address, or the /64 of an IPv6 one."""
    return str(address) if address.version == 4 else str(IPv6Network((int(address) >> 64 << 64, 64)))
