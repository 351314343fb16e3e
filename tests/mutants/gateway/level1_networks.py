"""Level 1, holes in which networks hold an address, and in when that is asked."""

import dataclasses
from ipaddress import IPv6Address, ip_network

import pytest

from lab.authserver.registry import Registry
from lab.fhir.response import FhirError
from lab.gateway import application, level1_network
from lab.gateway.decision import refuse


def prefix_as_text(patch: pytest.MonkeyPatch) -> None:
    """Networks are compared as texts: 10.3 holds 10.31 (Medplum, ip-access-rules)."""

    def begins(address, network):
        stem = str(network.network_address).rstrip("0").rstrip(".:")
        return str(address).startswith(stem)

    _holding(patch, begins)


def whole_octets(patch: pytest.MonkeyPatch) -> None:
    """A prefix length is rounded down to a whole octet: /26 holds the /24."""
    _holding(
        patch,
        lambda a, n: a in n.supernet(new_prefix=n.prefixlen // 8 * 8) if a.version == n.version else False,
    )


def one_bit_less(patch: pytest.MonkeyPatch) -> None:
    """The last bit of a prefix is not compared."""
    _holding(patch, lambda a, n: a.version == n.version and a in n.supernet())


def every_ipv6(patch: pytest.MonkeyPatch) -> None:
    """Addresses of IPv6 are not looked at: all of them are let in."""
    _holding(patch, lambda a, n: isinstance(a, IPv6Address) or a in n)


def no_ipv6(patch: pytest.MonkeyPatch) -> None:
    """Networks of IPv6 are not looked at: callers of the network are refused."""
    _holding(patch, lambda a, n: not isinstance(a, IPv6Address) and a in n)


def ipv6_by_64_bits(patch: pytest.MonkeyPatch) -> None:
    """Of an IPv6 network the first 64 bits are compared at most."""

    def within(a, n):
        if a.version != n.version:
            return False
        return a in (n.supernet(new_prefix=64) if n.prefixlen > 64 else n)

    _holding(patch, within)


def first_network_only(patch: pytest.MonkeyPatch) -> None:
    """Of the networks of a policy, the first one counts: callers of the others are refused."""
    sound = level1_network.holder
    patch.setattr(level1_network, "holder", lambda address, networks: sound(address, tuple(networks)[:1]))


def loopback_let_in(patch: pytest.MonkeyPatch) -> None:
    """A loopback address is let in: it is the machine itself, or a proxy on it."""
    _letting_in(patch, lambda address: address.is_loopback)


def private_addresses_let_in(patch: pytest.MonkeyPatch) -> None:
    """A private address is let in: it is inside the hospital."""
    _letting_in(patch, lambda address: address.is_private)


def no_address_let_in(patch: pytest.MonkeyPatch) -> None:
    """A peer without an address, or one that cannot be read, is let in (fail open)."""
    sound = level1_network.decide

    def decide(peer, networks):
        networks = tuple(networks)
        known = level1_network.address_of(peer) is not None
        return sound(peer, networks) if known or not networks else level1_network._inside(networks[0])

    patch.setattr(level1_network, "decide", decide)


def networks_of_all(patch: pytest.MonkeyPatch) -> None:
    """An application may call from the network of another: its own is not asked."""
    sound = application._application

    def known(gateway, request, passage):
        everywhere = gateway.registry.networks()
        registration_of = gateway.registry.get

        class _Everywhere:
            def get(self, client_id):
                found = registration_of(client_id)
                policy = found and dataclasses.replace(found.policy, networks=everywhere)
                return found and dataclasses.replace(found, policy=policy)

        return sound(dataclasses.replace(gateway, registry=_Everywhere()), request, passage)

    patch.setattr(application, "_application", known)


def own_network_only(patch: pytest.MonkeyPatch) -> None:
    """The network is asked once the application is known: strangers reach the token check."""
    patch.setattr(application, "_network", lambda *_: level1_network._inside(ip_network("0.0.0.0/0")))


def asked_at_issue_only(patch: pytest.MonkeyPatch) -> None:
    """The network is asked when a token is issued, and no more when it is used (Medplum)."""
    patch.setattr(level1_network, "decide", lambda *_: level1_network._inside(ip_network("0.0.0.0/0")))


def token_before_network(patch: pytest.MonkeyPatch) -> None:
    """The token is read first: a stranger learns whether one is in force."""
    sound = application._network

    def network(gateway, request):
        found = sound(gateway, request)
        if not found.allow and request.header("authorization"):
            grant = gateway.tokens.grant(request.header("authorization").rpartition(" ")[2])
            if grant is None:
                return refuse(2, "token", "unknown")
        return found

    patch.setattr(application, "_network", network)


def networks_of_the_disabled(patch: pytest.MonkeyPatch) -> None:
    """The networks of disabled applications stay open."""
    patch.setattr(
        Registry,
        "networks",
        lambda self: tuple(n for one in self._known.values() for n in one.policy.networks),
    )


def metadata_to_every_network(patch: pytest.MonkeyPatch) -> None:
    """The CapabilityStatement is served to every network."""
    _for_paths(patch, lambda path: path.endswith("/metadata"))


def configuration_to_every_network(patch: pytest.MonkeyPatch) -> None:
    """The SMART configuration is served to every network."""
    _for_paths(patch, lambda path: ".well-known" in path)


def routed_before_refused(patch: pytest.MonkeyPatch) -> None:
    """A stranger learns which paths there are: routing comes before the network."""
    sound = application._network

    def network(gateway, request):
        if not request.path.startswith(application.PREFIX):
            raise FhirError(404, "not-found", "Nothing is served here.")
        return sound(gateway, request)

    patch.setattr(application, "_network", network)


def once_in_always_in(patch: pytest.MonkeyPatch) -> None:
    """An address that was let in once stays so: the decision is remembered by peer."""
    sound, known = level1_network.decide, {}

    def decide(peer, networks):
        found = known.get(peer) or sound(peer, networks)
        if found.allow:
            known[peer] = found
        return found

    patch.setattr(level1_network, "decide", decide)


def laboratory_header_opens(patch: pytest.MonkeyPatch) -> None:
    """The header that marks requests of the laboratory opens the network."""
    _for_headers(patch, lambda request: bool(request.header(application.LABORATORY_HEADER)))


def local_host_opens(patch: pytest.MonkeyPatch) -> None:
    """A request that says it was sent to localhost is taken for a local one."""
    _for_headers(patch, lambda request: request.header("x-forwarded-host") == "localhost")


def _holding(patch, within) -> None:
    """Decide in another way whether a network holds an address."""

    def holder(address, networks):
        return next((network for network in networks if within(address, network)), None)

    patch.setattr(level1_network, "holder", holder)


def _letting_in(patch, let_in) -> None:
    sound = level1_network.holder

    def holder(address, networks):
        networks = tuple(networks)
        return networks[0] if networks and let_in(address) else sound(address, networks)

    patch.setattr(level1_network, "holder", holder)


def _for_paths(patch, open_) -> None:
    _for_headers(patch, lambda request: open_(request.path))


def _for_headers(patch, open_) -> None:
    sound = application._network

    def network(gateway, request):
        if open_(request):
            return level1_network._inside(ip_network("0.0.0.0/0"))
        return sound(gateway, request)

    patch.setattr(application, "_network", network)
