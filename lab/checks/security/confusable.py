"""Addresses that a comparison of texts takes for allowed ones, and a comparison of networks does not.

Source: medplum/medplum docs ip-access-rules.md (rules written as string prefixes); CWE-1389.
"""

from collections.abc import Iterable, Iterator
from ipaddress import AddressValueError, IPv4Address, IPv4Network, ip_network

_MORE = ("0", "1", "00", "5", "99")
_OCTETS = 4


def confusable(networks: Iterable[str], spared: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Return loopback addresses outside all the networks whose text begins like an address inside one.

    ``spared`` are addresses that mean something else to the application.
    """
    known = [n for n in map(ip_network, networks) if isinstance(n, IPv4Network)]
    found = (address for network in known for address in _beginning_like(network))
    outside = (str(one) for one in found if one.is_loopback and not any(one in network for network in known))
    return tuple(one for one in dict.fromkeys(outside) if one not in spared)


def _beginning_like(network: IPv4Network) -> Iterator[IPv4Address]:
    significant = str(network.network_address).split(".")[: (network.prefixlen + 7) // 8]
    for more in _MORE:
        octets = [*significant[:-1], f"{significant[-1] if significant else ''}{more}"]
        try:
            yield IPv4Address(".".join([*octets, *["5"] * (_OCTETS - len(octets))]))
        except AddressValueError:
            continue
