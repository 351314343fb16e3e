"""SRV-BUN: transactions.

Spec: https://hl7.org/fhir/R4/http.html#trules
"""

from collections.abc import Mapping
from typing import Any

from lab.api import SHALL, Expect, FhirClient, Reply, Text, Truth, check, status_of
from lab.checks.statement import part
from lab.checks.throwaway import SYSTEM, bearing, declared_writes, identifier_of, patient, swept
from lab.checks.wording import quoted

FIRST_ERROR = 400
REFUSED = frozenset({401, 403})


@check(
    "SRV-BUN-01",
    expectation=SHALL,
    requirements=("fhir-r4@http-transaction-atomic",),
    title=Text(fr="Une transaction est atomique", en="A transaction is atomic"),
    failure=Text(
        fr="Une transaction dont une entrée est mauvaise laisse quelque chose derrière elle.",
        en="A transaction with one bad entry leaves something behind.",
    ),
    remedy=Text(
        fr="Tout accepter et répondre 200, ou tout refuser avec 4xx ou 5xx et un seul OperationOutcome.",
        en="Accept everything and answer 200, or refuse everything with 4xx or 5xx and one OperationOutcome.",
    ),
)
def transaction_is_atomic(fhir: FhirClient, expect: Expect, truth: Truth) -> None:
    """Send a good creation with a bad entry; the creation must not be found afterwards.

    The bad entry is an update whose ids differ; when that is accepted, two updates of one resource.
    """
    said = declared_writes(fhir, truth, expect, "create", "search-type")
    if "transaction" not in said.system:
        expect.omit(
            "Le CapabilityStatement ne déclare pas transaction.",
            "The CapabilityStatement does not declare transaction.",
        )
    if "identifier" not in said.types["Patient"].parameters:
        expect.skip(
            "Patient ne se cherche pas par identifier : ce qui reste d'une transaction ne se voit pas.",
            "Patient is not searched by identifier: what is left of a transaction cannot be seen.",
        )
    stem = identifier_of(truth, "SRV-BUN-01")
    reply = said.reply
    for value, bad in _bad_entries(stem):
        with swept(fhir, value):
            reply = _send(fhir, [_entry("POST", "Patient", patient(value)), *bad])
            if reply.status in REFUSED:
                break
            found = fhir.search("Patient", identifier=f"{SYSTEM}|{value}")
            if reply.status < FIRST_ERROR and _all_accepted(reply):
                continue
            _nothing_left(expect, reply, found, value)
            return
    expect.name(reply)
    expect.skip(
        f"Le serveur n'a refusé aucune mauvaise entrée, ou refuse toute transaction ({status_of(reply)}).",
        f"The server refused no bad entry, or refuses every transaction ({status_of(reply)}).",
    )


def _nothing_left(expect: Expect, reply: Reply, found: Reply, value: str) -> None:
    left = len(bearing(found, value))
    expect.that(left == 0, expected="nothing stored", seen=f"{left} Patient stored", evidence=[reply, found])
    expect.that(
        reply.status >= FIRST_ERROR,
        expected="HTTP 4xx or 5xx for the whole transaction",
        seen=status_of(reply),
        evidence=[reply],
    )
    expect.should(
        reply.type == "OperationOutcome",
        expected="one OperationOutcome",
        seen=quoted(reply.type or "no resource"),
        evidence=[reply],
    )


def _bad_entries(stem: str) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return bad entries, each case with the identifier value of every Patient that it would store."""
    first, second = f"{stem}-1", f"{stem}-2"
    one, same = f"Patient/{first.lower()}", f"Patient/{second.lower()}"
    return [
        (first, [_entry("PUT", one, patient(first, id="lab-another-id"))]),
        (second, [_entry("PUT", same, patient(second, id=second.lower()))] * 2),
    ]


def _entry(method: str, url: str, resource: Mapping[str, Any]) -> dict[str, Any]:
    return {"resource": dict(resource), "request": {"method": method, "url": url}}


def _send(fhir: FhirClient, entries: list[dict[str, Any]]) -> Reply:
    return fhir.write("POST", "", {"resourceType": "Bundle", "type": "transaction", "entry": entries})


def _all_accepted(reply: Reply) -> bool:
    """Tell whether every entry of a transaction response says that it was done."""
    statuses = [str(part(entry, "response").get("status", "")) for entry in reply.entries]
    return bool(statuses) and all(status.startswith(("2", "3")) for status in statuses)
