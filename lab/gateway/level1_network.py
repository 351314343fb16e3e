"""Level 1, network authorization: is the socket's peer inside an allowed network?

Only the address of the socket counts; forwarding headers are never read.
"""

from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address

from lab.fhir.permission import Network
from lab.gateway.decision import refuse
from lab.model.exchange import Decision


def decide(peer: str, networks: Iterable[Network]) -> Decision:
    """Allow a peer that one of the networks holds; an IPv4-mapped IPv6 address counts as IPv4."""
    try:
        address = ip_address(peer)
    except ValueError:
        return refuse(1, "network", "the peer has no address")
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    for network in networks:
        if address.version == network.version and address in network:
            return Decision(1, allow=True, rule=f"network {network}", reason="peer inside")
    return refuse(1, "network", "peer outside every allowed network")
