"""Level 1, network: what a proxy says of the caller is believed only where it cannot be made up.

Source: five-levels reference, L1; CWE-348, CWE-290; PROXY protocol,
https://www.haproxy.org/download/2.8/doc/proxy-protocol.txt
"""

from dataclasses import replace
from urllib.parse import urlsplit

from lab.api import CRITICAL, HIGH, SERVER, Expect, FhirClient, Outgoing, Reply, Text, Truth, probe, status_of
from lab.checks.security.network_refusal import allowed_address, readable, shut_out
from lab.checks.security.raw_request import base_path, control, head, sent

_NAME = "X-Forwarded-For"
_BROKEN = 500
_CLOSED = ("the connection was closed", "ConnectionResetError", "BrokenPipeError")
Lines = tuple[tuple[str, str], ...]


@probe(
    "L1-04",
    level=1,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L1-04",),
    title=Text(
        fr="Chaîne X-Forwarded-For derrière un mandataire de confiance",
        en="X-Forwarded-For chain through a trusted proxy",
    ),
    failure=Text(
        fr="Derrière le mandataire de confiance, le dernier maillon de X-Forwarded-For ne décide pas.",
        en="Behind the trusted proxy, it is not the last hop of X-Forwarded-For that decides.",
    ),
    remedy=Text(
        fr="Lire X-Forwarded-For de droite à gauche et s'arrêter à la première adresse qui n'est pas un "
        "mandataire de confiance : le reste est écrit par l'appelant.",
        en="Read X-Forwarded-For from right to left and stop at the first address that is no trusted proxy: "
        "the caller writes the rest.",
    ),
)
def rightmost_hop(fhir: FhirClient, stranger: FhirClient, truth: Truth, expect: Expect) -> None:
    """Through the proxy, let the refused address claim allowed ones before its own."""
    server = truth.subject.server
    if server is None or not server.trusted_proxy:
        expect.omit(
            "Le manifeste ne déclare aucun mandataire de confiance (server.trusted_proxy) : X-Forwarded-For "
            "ne doit alors être cru de personne, ce que L1-02 et L1-03 montrent.",
            "The manifest declares no trusted proxy (server.trusted_proxy): X-Forwarded-For must then be "
            "believed from nobody, which L1-02 and L1-03 show.",
        )
    path = readable(fhir, expect)
    proxy = replace(fhir, source=server.trusted_proxy, name="proxy")
    allowed, refused = allowed_address(truth), stranger.source
    allowed_one = proxy.get(path, headers={_NAME: allowed})
    if allowed_one.status != 200:
        expect.name(allowed_one)
        expect.skip(
            f"Une adresse autorisée n'est pas servie derrière le mandataire ({status_of(allowed_one)}).",
            f"An allowed address is not served behind the declared proxy ({status_of(allowed_one)}).",
        )
    for value in (refused, f"{allowed}, {refused}", f"{allowed},{allowed},{refused}"):
        shut_out(proxy.get(path, headers={_NAME: value}), expect, {_NAME: value})


@probe(
    "L1-05",
    level=1,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L1-05",),
    title=Text(fr="X-Forwarded-For mal formé", en="Malformed X-Forwarded-For"),
    failure=Text(
        fr="Un X-Forwarded-For répété ou mal formé ouvre le réseau, ou fait tomber le serveur.",
        en="A repeated or malformed X-Forwarded-For opens the network, or breaks the server.",
    ),
    remedy=Text(
        fr="Refuser (403 ou 400) une requête d'un mandataire dont X-Forwarded-For n'est pas une seule liste "
        "d'adresses IP ; ne jamais se rabattre sur une adresse par défaut.",
        en="Refuse (403 or 400) a request from a proxy whose X-Forwarded-For is not one list of IP "
        "addresses; never fall back on a default address.",
    ),
)
def malformed_chain(fhir: FhirClient, stranger: FhirClient, truth: Truth, expect: Expect) -> None:
    """Send each form from the refused address, from the allowed one, and through the trusted proxy.

    Through the proxy the forms name the refused address, or none: a proxy may lawfully add a port or send two
    lines, which one server refuses and another one reads. From the allowed address only a crash is a failure.
    """
    path = readable(fhir, expect)
    allowed, refused = allowed_address(truth), stranger.source
    for lines in _malformed(allowed, allowed):
        shut_out(_get(stranger, path, lines), expect, _said(lines), statuses=(400, 403))
        reply = _get(fhir, path, lines)
        expect.that(
            0 < reply.status < _BROKEN,
            expected="an answer or a refusal",
            seen=f"{status_of(reply)} with {_said(lines)}",
            evidence=[reply],
        )
    server = truth.subject.server
    if server is not None and server.trusted_proxy:
        proxy = replace(fhir, source=server.trusted_proxy, name="proxy")
        for lines in _malformed(refused, allowed):
            shut_out(_get(proxy, path, lines), expect, _said(lines), statuses=(400, 403))


@probe(
    "L1-10",
    level=1,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L1-10",),
    title=Text(fr="Préambule du protocole PROXY", en="PROXY protocol preface"),
    failure=Text(
        fr="Un préambule PROXY, que l'appelant écrit lui-même, est accepté.",
        en="A PROXY preface, which the caller writes itself, is accepted.",
    ),
    remedy=Text(
        fr="N'activer le protocole PROXY que sur un port que seul le répartiteur peut joindre ; ailleurs, "
        "répondre 400 et fermer la connexion.",
        en="Turn the PROXY protocol on only at a port that the load balancer alone can reach; elsewhere, "
        "answer 400 and close the connection.",
    ),
)
def proxy_preface(fhir: FhirClient, stranger: FhirClient, truth: Truth, expect: Expect) -> None:
    """Claim an allowed address before the request, from the refused address and from the allowed one."""
    path = readable(fhir, expect)
    served = control(fhir, path, expect)
    parts = urlsplit(fhir.base_url)
    named = allowed_address(truth)
    line = f"GET {base_path(fhir)}/{path} HTTP/1.1"
    preface = f"PROXY TCP4 {named} {named} 51000 {parts.port or 80}\r\n"
    for client in (stranger, fhir):
        reply = sent(client, f"{preface}{head(client, line)}")
        if (
            reply.status == 0
            and client is stranger
            and reply.error.startswith(("ConnectTimeout", "TimeoutError"))
        ):
            continue  # a firewall: nothing was read
        closed = reply.status == 0 and not reply.body and reply.error.startswith(_CLOSED)
        expect.that(
            closed or 400 <= reply.status < _BROKEN or reply.status in {501, 505},
            expected="HTTP 400, or the connection closed",
            seen=f"{status_of(reply)} after a PROXY preface from {client.source or 'the allowed address'}",
            evidence=[served, reply],
        )


def _malformed(address: str, allowed: str) -> tuple[Lines, ...]:
    """Return the forms; what counts in them is the address, after an allowed one in the repeated lines."""
    return (
        ((_NAME, allowed), (_NAME, address)),
        ((_NAME, f"{address[:4]}\t{address[4:]}"),),
        ((_NAME, f"{address}:80"),),
        ((_NAME, "[::1"),),
        ((_NAME, "lab, no address"),),
    )


def _said(lines: Lines) -> str:
    return " and ".join(f"{name}: {value}" for name, value in lines).replace("\t", "<tab>")


def _get(client: FhirClient, path: str, lines: Lines) -> Reply:
    """GET with repeated headers, which a mapping cannot hold."""
    url = f"{client.base_url}/{path}"
    own = (("Accept", "application/fhir+json"), ("Authorization", client.authorization()))
    sent = tuple((name, value) for name, value in (*own, *lines) if value)
    return client.wire.send(Outgoing("GET", url, sent, source=client.source))
