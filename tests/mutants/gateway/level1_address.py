"""Level 1, holes in whose address is decided on: forwarding headers, proxies, mapped addresses."""

import re
from ipaddress import ip_address

import pytest

from lab.fhir import forwarding
from lab.gateway import application, level1_network


def forwarded_for_of_anyone(patch: pytest.MonkeyPatch) -> None:
    """X-Forwarded-For is believed whoever sends it (uvicorn, proxy_headers=True)."""
    _told(patch, lambda peer, headers, _: _first(headers, "x-forwarded-for", -1) or peer)


def forwarded_of_anyone(patch: pytest.MonkeyPatch) -> None:
    """Forwarded is believed whoever sends it."""
    _told(patch, lambda peer, headers, _: _first(headers, "forwarded", -1) or peer)


def real_ip_of_anyone(patch: pytest.MonkeyPatch) -> None:
    """X-Real-IP is believed whoever sends it."""
    _told(patch, lambda peer, headers, _: dict(headers).get("x-real-ip", peer))


def client_ip_of_anyone(patch: pytest.MonkeyPatch) -> None:
    """True-Client-IP is believed whoever sends it."""
    _told(patch, lambda peer, headers, _: dict(headers).get("true-client-ip", peer))


def leftmost_hop(patch: pytest.MonkeyPatch) -> None:
    """Behind a proxy the first hop is taken, which the caller has written itself."""
    _hops(patch, lambda hops, _: hops[0])


def last_hop_whoever_it_is(patch: pytest.MonkeyPatch) -> None:
    """Behind two proxies the address of the inner one is taken for that of the caller."""
    _hops(patch, lambda hops, _: hops[-1])


def proxy_stands_for_itself(patch: pytest.MonkeyPatch) -> None:
    """A proxy that does not say for whom it asks is let in as itself."""

    def caller(peer, headers, proxies):
        return sound(peer, headers, proxies) or peer

    sound = application.caller
    patch.setattr(application, "caller", caller)


def unreadable_hops_skipped(patch: pytest.MonkeyPatch) -> None:
    """A hop that cannot be read is left out, and the one beside it taken."""
    sound = forwarding._x_forwarded_for

    def hops(value):
        parts = [part for part in value.split(",") if re.fullmatch(r" *[0-9A-Fa-f:.]+ *", part)]
        return sound(",".join(parts))

    patch.setattr(forwarding, "_x_forwarded_for", hops)


def repeated_header_last_wins(patch: pytest.MonkeyPatch) -> None:
    """Of a forwarding header that is sent twice, the last one wins."""
    _headers(patch, lambda headers: list(dict(headers).items()))


def repeated_header_first_wins(patch: pytest.MonkeyPatch) -> None:
    """Of a forwarding header that is sent twice, the first one wins."""
    _headers(patch, lambda headers: list(dict(reversed(headers)).items()))


def headers_that_disagree(patch: pytest.MonkeyPatch) -> None:
    """Where Forwarded and X-Forwarded-For disagree, one of them is believed."""

    def one(headers):
        names = [name for name, _ in headers]
        both = {"forwarded", "x-forwarded-for"} <= set(names)
        return [pair for pair in headers if not (both and pair[0] == "forwarded")]

    _headers(patch, one)


def proxies_ignored(patch: pytest.MonkeyPatch) -> None:
    """Forwarding headers of configured proxies are not read: everybody behind one is refused or let in."""
    _told(patch, lambda peer, _headers, _proxies: peer)


def private_addresses_are_proxies(patch: pytest.MonkeyPatch) -> None:
    """Any private address is taken for a proxy, and may say who is calling."""
    sound = application.caller

    def caller(peer, headers, proxies):
        try:
            private = ip_address(peer).is_private
        except ValueError:
            private = False
        told = _first(headers, "x-forwarded-for", -1)
        return told if private and told and not proxies else sound(peer, headers, proxies)

    patch.setattr(application, "caller", caller)


def mapped_addresses_refused(patch: pytest.MonkeyPatch) -> None:
    """An IPv4 address mapped into IPv6 is not folded: a caller of the network is refused."""
    _read(patch, lambda text, sound: ip_address(text) if "::ffff:" in text.lower() else sound(text))


def mapped_addresses_let_in(patch: pytest.MonkeyPatch) -> None:
    """An IPv4 address mapped into IPv6 is let in unread: the list is of IPv4."""
    _deciding(patch, lambda peer: peer.lower().startswith("::ffff:"))


def other_notations_read(patch: pytest.MonkeyPatch) -> None:
    """An octet with a leading zero is read, as decimal here and as octal elsewhere."""

    def read(text, sound):
        parts = text.split(".")
        plain = (
            ".".join(str(int(p)) for p in parts) if len(parts) == 4 and all(map(str.isdigit, parts)) else text
        )
        return sound(plain)

    _read(patch, read)


def embedded_addresses_unfolded(patch: pytest.MonkeyPatch) -> None:
    """An address of 6to4 is taken for the IPv4 address inside, which anybody can write."""

    def read(text, sound):
        found = sound(text)
        return getattr(found, "sixtofour", None) or found

    _read(patch, read)


def _told(patch, instead) -> None:
    patch.setattr(application, "caller", instead)


def _first(headers, name, at):
    values = [value for key, value in headers if key == name]
    found = re.findall(r"(?:::)?[0-9A-Fa-f]+[.:][0-9A-Fa-f.:]+", values[0]) if values else []
    return found[at] if found else ""


def _hops(patch, chosen) -> None:
    """Take another hop than the last one that is no proxy."""
    sound = application.caller

    def caller(peer, headers, proxies):
        told = sound(peer, headers, proxies)
        if told in {"", peer}:
            return told
        return str(chosen(forwarding._hops(headers), proxies))

    patch.setattr(application, "caller", caller)


def _headers(patch, change) -> None:
    sound = application.caller
    patch.setattr(
        application, "caller", lambda peer, headers, proxies: sound(peer, change(list(headers)), proxies)
    )


def _read(patch, instead) -> None:
    sound = level1_network.address_of

    def address_of(text):
        try:
            return instead(text, sound)
        except ValueError:
            return None

    patch.setattr(level1_network, "address_of", address_of)


def _deciding(patch, let_in) -> None:
    sound = level1_network.decide

    def decide(peer, networks):
        networks = tuple(networks)
        found = sound(peer, networks)
        return level1_network._inside(networks[0]) if networks and let_in(peer) else found

    patch.setattr(level1_network, "decide", decide)
