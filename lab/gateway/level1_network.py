"""Level 1, network authorization: is the caller's address inside an allowed network?

The address is that of the socket, or what a configured proxy says (``lab.fhir.forwarding``).
"""

from collections.abc import Iterable
from functools import lru_cache

from lab.fhir.network import address_of, holder
from lab.fhir.policy import Network
from lab.gateway.decision import refuse
from lab.model.exchange import Decision


def decide(peer: str, networks: Iterable[Network]) -> Decision:
    """Allow a peer that one of the networks holds; an IPv4-mapped IPv6 address counts as IPv4."""
    address = address_of(peer)
    if address is None:
        return refuse(1, "network", "the peer has no address, or its proxy does not tell it")
    network = holder(address, networks)
    if network is None:
        return refuse(1, "network", "peer outside every allowed network")
    return _inside(network)


@lru_cache(maxsize=1024)
def _inside(network: Network) -> Decision:
    return Decision(1, allow=True, rule=f"network {network}", reason="peer inside")
