"""CLI-NTK-03: the application says who it is on each request, from an address that does not change.

Rule of the laboratory (security level 1); https://www.rfc-editor.org/rfc/rfc9110#section-10.1.5 (User-Agent).
"""

import re
from collections.abc import Sequence

from lab.api import SHOULD, Exchange, Expect, Text, Truth, check
from lab.checks.traffic import fhir_requests

_VENDOR_APPLICATION_VERSION = re.compile(r"[^/\s]+/[^/\s]+/[^/\s]+(\s.*)?")


@check(
    "CLI-NTK-03",
    expectation=SHOULD,
    requirements=("laboratory@identifies-itself",),
    title=Text(fr="S'identifie à chaque requête", en="Identifies itself"),
    failure=Text(
        fr="L'hôpital ne peut pas dire quelle application, quelle version ou quelle requête il voit passer.",
        en="The hospital cannot tell which application, version or request it sees.",
    ),
    remedy=Text(
        fr="Envoyer User-Agent: éditeur/application/version et un X-Request-Id neuf à chaque requête, depuis "
        "une adresse fixe.",
        en="Send User-Agent: vendor/application/version and a new X-Request-Id with each request, from a "
        "fixed address.",
    ),
)
def identifies_itself(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """One source address; a User-Agent of three parts and an X-Request-Id of its own on every request."""
    requests = fhir_requests(journal, truth, expect)
    known: dict[str, str] = {}
    for exchange in requests:
        agent = exchange.request_header("user-agent") or ""
        expect.that(
            bool(_VENDOR_APPLICATION_VERSION.fullmatch(agent)),
            expected="User-Agent: vendor/application/version",
            seen=agent or "no User-Agent",
            evidence=[exchange.id],
        )
        identifier = exchange.request_header("x-request-id") or ""
        first = known.setdefault(identifier, exchange.id)
        expect.that(
            bool(identifier) and first == exchange.id,
            expected="an X-Request-Id of its own",
            seen="the X-Request-Id of another request" if identifier else "no X-Request-Id",
            evidence=[first, exchange.id],
        )
    peers = sorted({str(exchange.facts.get("peer", "")) for exchange in requests})
    expect.that(
        len(peers) == 1,
        expected="one source address",
        seen=", ".join(peers),
        evidence=[exchange.id for exchange in (requests[0], requests[-1])],
    )
