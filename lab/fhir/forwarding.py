"""Find whose address is behind a request: the socket's peer, or the caller that a configured proxy names.

Forwarding headers are read only when the peer is a configured proxy, and then they must be there and
readable from end to end: what cannot be read names nobody, and nobody is let in. ``X-Real-IP`` and its
sisters are never read.

Spec: RFC 7239 (Forwarded); X-Forwarded-For is the list of addresses that RFC 7239 section 7.4 describes.
"""

import re
from collections.abc import Iterable, Sequence

from lab.fhir.network import Address, address_of, holder
from lab.fhir.policy import Network

MOST_HOPS = 20
NOBODY = ""
_TOKEN = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"  # noqa: S105 - the token of RFC 9110
_PAIR = re.compile(rf'({_TOKEN})=(?:({_TOKEN})|"((?:[^"\\]|\\.)*)")')
_NODE = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+))(?::[0-9]{1,5})?")
_PLAIN = re.compile(r"[0-9A-Fa-f:.]+")


class _Unreadable(Exception):  # noqa: N818 - never leaves this file
    pass


def caller(peer: str, headers: Iterable[tuple[str, str]], proxies: Sequence[Network]) -> str:
    """Return the address to decide on, ``NOBODY`` when a proxy does not say it beyond doubt.

    It is the last hop that is no configured proxy: what stands before it was written by the caller. Names of
    headers are lower case.
    """
    address = address_of(peer)
    if not proxies or address is None or holder(address, proxies) is None:
        return peer
    try:
        hops = _hops(headers)
    except _Unreadable:
        return NOBODY
    for hop in reversed(hops):
        if holder(hop, proxies) is None:
            return str(hop)
    return NOBODY


def _hops(headers: Iterable[tuple[str, str]]) -> list[Address]:
    """Return the hops that the one header names, or that both name alike."""
    values: dict[str, str] = {}
    for name, value in headers:
        if name in {"forwarded", "x-forwarded-for"}:
            if name in values:
                raise _Unreadable
            values[name] = value
    if not values:
        raise _Unreadable
    told = [_forwarded(v) if name == "forwarded" else _x_forwarded_for(v) for name, v in values.items()]
    if any(hops != told[0] for hops in told) or len(told[0]) > MOST_HOPS:
        raise _Unreadable
    return told[0]


def _x_forwarded_for(value: str) -> list[Address]:
    return [_address(part.strip(" "), _PLAIN.fullmatch(part.strip(" "))) for part in value.split(",")]


def _forwarded(value: str) -> list[Address]:
    hops, at = [], 0
    while True:
        element, at = _element(value, at)
        node = _NODE.fullmatch(element.get("for", ""))
        hops.append(_address((node[1] or node[2]) if node else "", node))
        if at == len(value):
            return hops
        at += 1  # the comma


def _element(value: str, at: int) -> tuple[dict[str, str], int]:
    """Return the parameters of the element that begins there, and where it ends: a comma or the end."""
    pairs: dict[str, str] = {}
    at = _spaces(value, at)
    while True:
        pair = _PAIR.match(value, at)
        if pair is None or pair[1].lower() in pairs:
            raise _Unreadable
        quoted = re.sub(r"\\(.)", r"\1", pair[3]) if pair[3] is not None else ""
        pairs[pair[1].lower()] = pair[2] or quoted
        at = pair.end()
        if value[at : at + 1] == ";":
            at += 1
            continue
        at = _spaces(value, at)
        if at < len(value) and value[at] != ",":
            raise _Unreadable
        return pairs, at


def _spaces(value: str, at: int) -> int:
    while value[at : at + 1] == " ":
        at += 1
    return at


def _address(text: str, readable: re.Match[str] | None) -> Address:
    address = address_of(text) if readable else None
    if address is None:
        raise _Unreadable
    return address
