"""Random arrivals: peers inside and beside networks, forwarding headers, credentials sound and spoilt.

Specs: RFC 7239 (Forwarded), RFC 6750 (Bearer), RFC 8705 (certificates)
"""

from collections.abc import Mapping, Sequence
from ipaddress import ip_address, ip_network
from random import Random

from lab.proof.reference.admission import Application, Door, Hops, Knock

NETWORKS = (
    *("10.31.0.0/16", "10.31.4.0/24", "192.168.7.0/24", "203.0.113.64/26", "127.0.0.1/32"),
    *("2001:db8:31::/48", "2001:db8:31:4::/64", "2001:db8:77:1::8/125"),
)
PROXIES = ("10.200.0.0/24", "2001:db8:fe::/64", "127.0.0.0/8")
PATIENTS = tuple(f"p{n}" for n in range(9))
_STRANGE = (
    *(
        "",
        "unix:",
        "10.31.4",
        "10.31.4.7.9",
        "010.31.4.7",
        "10.3.1.4",
        "110.31.4.7",
        "10.31.40.7",
        "10.32.0.1",
    ),
    *(
        "203.0.113.5",
        "203.0.113.130",
        "2001:db8:310::1",
        "2001:db8:77:1::10",
        "2001:db8:77:1::7",
        "2002:a1f:407::1",
    ),
    *(
        "198.51.100.9",
        "172.16.0.9",
        "192.168.70.4",
        "127.0.0.1",
        "::1",
        "10.200.0.9",
        "fe80::1",
        "2001:db9::1",
    ),
)


def application(chance: Random, id_: str) -> Application:
    """Draw an application."""
    return Application(
        id=id_,
        networks=tuple(sorted(chance.sample(NETWORKS, chance.choice([1, 1, 2])))),
        patients=frozenset(chance.sample(PATIENTS, chance.randint(2, 5))),
        certificate_bound=chance.random() < 0.25,
        burst=chance.choice([0, 0, 0, 4]),
    )


def knock(chance: Random, door: Door, links: Sequence[str]) -> Knock:
    """Draw a request; about half are those of an application as it should call, but for one thing or none."""
    own = chance.choice(list(door.applications.values()))
    tokens = [token for token, ticket in door.tickets.items() if ticket.application == own.id]
    token = chance.choice(tokens[-1:] if chance.random() < 0.7 else tokens) if tokens else "never-issued"
    ticket = door.tickets.get(token)
    spoilt = chance.choice(
        ["nothing", "nothing", "peer", "peer", "credential", "credential", "certificate", "all"]
    )
    address = _near(chance) if spoilt in {"peer", "all"} else _of(chance, own.networks)
    peer, forwarding = _arrival(chance, door.proxies, address, certain=spoilt == "nothing")
    spoil = spoilt in {"credential", "all"}
    shown = ticket.certificate if ticket else ""
    target = chance.choice(
        ["search"] * 4 + ["read", "read", "page", "page", "metadata", "configuration", "elsewhere"]
    )
    if target == "page" and not links:
        target = "search"
    return Knock(
        peer=peer,
        forwarding=forwarding,
        credentials=_credentials(chance, token, door)
        if spoil
        else (f"{chance.choice(['Bearer', 'bearer'])} {token}",),
        certificate=chance.choice(["", "A", "B"]) if spoilt in {"certificate", "all"} else shown,
        target=target,
        patient=chance.choice(PATIENTS),
        linked=chance.choice(links) if target == "page" else "",
        token=token,
    )


def text(header: Hops, chance: Random) -> str:
    """Return a forwarding header as it is sent."""
    if header.hops is None:
        return chance.choice(
            ["", "unknown", "10.31.4.7, unknown", "10.31.4.7,,10.31.4.8", "for=10.31.4.7 by=x", ";"]
        )
    if header.name == "x-forwarded-for":
        return ", ".join(header.hops)
    return ", ".join(f'for="[{hop}]"' if ":" in hop else f"for={hop};by=10.31.4.9" for hop in header.hops)


def _arrival(
    chance: Random, proxies: Sequence[str], address: str, *, certain: bool
) -> tuple[str, tuple[Hops, ...]]:
    """Return the peer of the socket and the headers with which an address arrives."""
    if proxies and chance.random() < (0.3 if certain else 0.5) and _is_address(address):
        before = [_near(chance) for _ in range(chance.choice([0, 0, 1, 2]))]
        behind = [_of(chance, proxies) for _ in range(chance.choice([0, 0, 1]))]
        hops = (*(hop for hop in before if _is_address(hop)), address, *behind)
        headers = [Hops(chance.choice(["x-forwarded-for", "forwarded"]), hops)]
        if not certain and chance.random() < 0.5:
            other = chance.choice([None, (_of(chance, NETWORKS),), hops])
            name = chance.choice(["x-forwarded-for", "forwarded"])
            headers = chance.choice([[], [Hops(headers[0].name, None)], [*headers, Hops(name, other)]])
        return _of(chance, proxies), tuple(headers)
    if chance.random() < 0.4:  # what a caller that is no proxy says of itself
        return address, (Hops(chance.choice(["x-forwarded-for", "forwarded"]), (_of(chance, NETWORKS),)),)
    return address, ()


def _credentials(chance: Random, token: str, door: Door) -> tuple[str, ...]:
    others = list(door.tickets) or ["none"]
    return chance.choice(
        [
            (),
            ("",),
            (f"Basic {token}",),
            (f"Bearer {token[:-1]}",),
            (f"Bearer {token[:10]}",),
            (f"Bearer {token}=",),
            (f"Bearer {token.swapcase()}",),
            (f"Bearer  {token}",),
            (f"Bearer {token} x",),
            (f"Bearer {token},Bearer none",),
            (token,),
            ("Bearer never-issued-token-of-nobody",),
            (f"Bearer {token}", "Bearer never-issued-token-of-nobody"),
            ("Bearer never-issued-token-of-nobody", f"Bearer {token}"),
            (f"Bearer {chance.choice(others)}",),
            (f"Bearer {chance.choice(others)}",),
        ]
    )


def extra(chance: Random, token: str) -> tuple[Mapping[str, str], str]:
    """Return headers and a query that must change nothing, as one who tries sends them."""
    tried: list[tuple[dict[str, str], str]] = [
        ({}, ""),
        ({}, ""),
        ({"x-real-ip": "10.31.4.7"}, ""),
        ({"x-client-ip": "10.31.4.7", "true-client-ip": "10.31.4.7"}, ""),
        ({"x-laboratory": "yes"}, ""),
        ({"via": "1.1 proxy", "x-forwarded-host": "localhost"}, ""),
        ({}, f"access_token={token}"),
    ]
    return chance.choice(tried)


def _near(chance: Random) -> str:
    return chance.choice([*_STRANGE, _of(chance, NETWORKS), _of(chance, NETWORKS)])


def _of(chance: Random, networks: Sequence[str]) -> str:
    """Return an address of a network, now and then one of IPv4 mapped into IPv6."""
    network = ip_network(chance.choice(networks))
    address = network[chance.randrange(min(network.num_addresses, 250))]
    if network.version == 4 and chance.random() < 0.2:
        return f"::ffff:{address}"
    return str(address).upper() if chance.random() < 0.1 else str(address)


def _is_address(address: str) -> bool:
    try:
        ip_address(address)
    except ValueError:
        return False
    return True
