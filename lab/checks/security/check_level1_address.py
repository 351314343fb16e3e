"""Level 1, network: addresses are compared as addresses, never as texts, in IPv4 as in IPv6.

Source: five-levels reference, L1; CWE-1389; RFC 4291 section 2.5.5.2 (IPv4-mapped addresses)
"""

from dataclasses import replace
from ipaddress import ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

from lab.api import HIGH, SERVER, Expect, FhirClient, Reply, Text, Truth, probe, status_of
from lab.checks.security.confusable import confusable
from lab.checks.security.network_refusal import readable, shut_out

_TRIED = 6
_V6 = "::1"


@probe(
    "L1-06",
    level=1,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L1-06",),
    title=Text(fr="Préfixe d'adresse comparé comme un texte", en="Address prefix confusion"),
    failure=Text(
        fr="Une adresse hors des réseaux déclarés est servie : son texte commence comme une autre.",
        en="An address outside the declared networks is served: its text begins like an allowed one.",
    ),
    remedy=Text(
        fr="Comparer des adresses et des réseaux (CIDR) analysés, jamais des débuts de chaînes.",
        en="Compare parsed addresses and networks (CIDR), never beginnings of strings.",
    ),
)
def text_prefix(fhir: FhirClient, truth: Truth, expect: Expect) -> None:
    """Call with a good token from loopback addresses that look like allowed ones."""
    server = truth.subject.server
    if server is None or not server.networks:
        expect.skip(
            "Le manifeste ne déclare pas les réseaux autorisés (server.networks) : aucune adresse voisine ne "
            "peut être choisie.",
            "The manifest does not declare the allowed networks (server.networks): no neighbouring address "
            "can be chosen.",
        )
    spared = frozenset({server.trusted_proxy, server.refused_source})
    sources = confusable(server.networks, spared)[:_TRIED]
    if not sources:
        expect.omit(
            f"Aucune adresse de bouclage hors de {', '.join(server.networks)} ne commence comme une adresse "
            "autorisée.",
            f"No loopback address outside {', '.join(server.networks)} begins like an allowed one.",
        )
    path = readable(fhir, expect)
    for source in sources:
        shut_out(replace(fhir, source=source, name=source).get(path), expect, f"the source address {source}")


@probe(
    "L1-07",
    level=1,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L1-07",),
    title=Text(fr="Pairs IPv6 et IPv4 en IPv6", en="IPv4-mapped and IPv6 peers"),
    failure=Text(
        fr="Un pair IPv6, ou IPv4 écrit en IPv6, n'a pas le verdict que les réseaux déclarés lui donnent.",
        en="An IPv6 peer, or an IPv4 one written in IPv6, does not get the verdict of the declared networks.",
    ),
    remedy=Text(
        fr="Ramener les adresses ::ffff:a.b.c.d à l'IPv4 avant de comparer, et refuser tout pair IPv6 qui "
        "n'est d'aucun réseau déclaré.",
        en="Fold ::ffff:a.b.c.d addresses into IPv4 before comparing, and refuse every IPv6 peer that is of "
        "no declared network.",
    ),
)
def ipv6_peers(fhir: FhirClient, truth: Truth, expect: Expect) -> None:
    """Call [::1] at the same port, then the IPv4 address through its IPv6 form, allowed and refused."""
    server, parts = truth.subject.server, urlsplit(fhir.base_url)
    if server is None or not (parts.hostname == "localhost" or (parts.hostname or "").startswith("127.")):
        expect.omit(
            f"L'application n'est pas appelée à une adresse de bouclage IPv4 ({parts.hostname}).",
            f"The application is not called at an IPv4 loopback address ({parts.hostname}).",
        )
    path = readable(fhir, expect)
    six = _get(fhir, parts, f"[{_V6}]", path)
    if six.status == 0:
        expect.name(six)
        expect.omit(
            f"Rien n'écoute en IPv6 ([{_V6}]:{parts.port}, {six.error}) : il n'y a ni pair IPv6, ni pair "
            "IPv4 écrit en IPv6.",
            f"Nothing listens in IPv6 ([{_V6}]:{parts.port}, {six.error}): there is no IPv6 peer, and no "
            "IPv4 one written in IPv6.",
        )
    _judge_six(six, server.networks, expect)
    mapped = f"[::ffff:{'127.0.0.1' if parts.hostname == 'localhost' else parts.hostname}]"
    reply = _get(fhir, parts, mapped, path)
    if reply.status:  # otherwise this machine cannot make the call, or nothing listens there
        expect.status(reply, 200)
        if server.refused_source and ip_address(server.refused_source).version == 4:
            refused = replace(fhir, source=f"::ffff:{server.refused_source}", name="stranger")
            reply = _get(refused, parts, mapped, path)
            shut_out(reply, expect, f"the source address {refused.source}")


def _judge_six(reply: Reply, networks: tuple[str, ...], expect: Expect) -> None:
    if any(ip_address(_V6) in network for network in map(ip_network, networks)):
        expect.status(reply, 200)
    elif networks:
        shut_out(reply, expect, f"the source address {_V6}, which is of no declared network")
    elif reply.status != 403:
        expect.name(reply)
        expect.skip(
            f"[{_V6}] répond {status_of(reply)} ; server.networks dirait s'il est autorisé.",
            f"[{_V6}] answers {status_of(reply)}; server.networks would say whether it is allowed.",
        )


def _get(client: FhirClient, parts: SplitResult, host: str, path: str) -> Reply:
    """GET by another address of the same server, which is still named as it expects."""
    url = parts._replace(netloc=f"{host}:{parts.port}" if parts.port else host).geturl()
    return client.get(f"{url}/{path}", headers={"Host": parts.netloc})
