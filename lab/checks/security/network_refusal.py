"""What a refused address gets: a 403 without any resource, or nothing at all from a firewall.

Source: five-levels reference, section 4, level 1.
"""

from collections.abc import Mapping
from ipaddress import ip_address, ip_network

from lab.api import Expect, FhirClient, Reply, Truth, status_of
from lab.checks.sample import sample

ALLOWED = "127.0.0.1"
"""The address that the laboratory calls from when it is let in."""


def allowed_address(truth: Truth) -> str:
    """Return an address that the application lets in: ours, or the first of the networks it declares."""
    server = truth.subject.server
    networks = [ip_network(network) for network in server.networks] if server else []
    if not networks or any(ip_address(ALLOWED) in network for network in networks):
        return ALLOWED
    return str(networks[0][0])


def readable(fhir: FhirClient, expect: Expect) -> str:
    """Return a path that the full identity reads from the allowed address: what a stranger must not get."""
    found = sample(fhir, expect)
    path = f"{found.type}/{found.resources[0]['id']}"
    reply = fhir.get(path)
    if reply.status != 200:
        expect.skip(
            f"La lecture de référence, d'une adresse autorisée, n'aboutit pas ({status_of(reply)}).",
            f"The reference read, from an allowed address, does not succeed ({status_of(reply)}).",
        )
    return path


def shut_out(
    reply: Reply, expect: Expect, sent: Mapping[str, str] | str = "", *, statuses: tuple[int, ...] = (403,)
) -> None:
    """Expect a refusal without data; a firewall that never answers is as good. ``sent`` is what was tried."""
    if reply.status == 0 and not reply.error.startswith("ConnectTimeout"):
        expect.name(reply)
        expect.skip(
            f"Rien ne répond à l'adresse refusée, sans que ce soit un refus ({reply.error}).",
            f"Nothing answers the refused address, and it is no refusal ({reply.error}).",
        )
    tried = sent if isinstance(sent, str) else ", ".join(f"{name}: {value}" for name, value in sent.items())
    expect.that(
        reply.status in {0, *statuses},
        expected="HTTP " + " / ".join(map(str, statuses)),
        seen=f"{status_of(reply)} with {tried}" if tried else status_of(reply),
        evidence=[reply],
    )
    expect.that(
        reply.type in {"", "OperationOutcome"},
        expected="no FHIR resource",
        seen=reply.type,
        evidence=[reply],
    )
