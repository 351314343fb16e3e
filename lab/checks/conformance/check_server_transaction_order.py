"""SRV-BUN: the order in which the entries of a transaction are carried out.

Spec: https://hl7.org/fhir/R4/http.html#trules
"""

from lab.api import SHALL, Expect, FhirClient, Text, Truth, check, status_of
from lab.checks.bundles import entry, offering, send
from lab.checks.statement import objects, part
from lab.checks.throwaway import created, identifier_of
from lab.checks.wording import quoted

OK, FIRST_ERROR, FIRST_SERVER_ERROR = 200, 400, 500
CHANGED = "1971-02-03"


@check(
    "SRV-BUN-05",
    expectation=SHALL,
    requirements=("fhir-r4@http-transaction-order",),
    title=Text(fr="L'ordre des entrées est indifférent", en="Entry order does not matter"),
    failure=Text(
        fr="Le résultat d'une transaction dépend de l'ordre de ses entrées : elle lit avant d'écrire.",
        en="The outcome of a transaction depends on the order of its entries: it reads before it writes.",
    ),
    remedy=Text(
        fr="Exécuter DELETE, POST, PUT ou PATCH, puis GET, quel que soit l'ordre des entrées.",
        en="Carry out DELETE, POST, PUT or PATCH, then GET, whatever the order of the entries.",
    ),
)
def order_does_not_matter(fhir: FhirClient, expect: Expect, truth: Truth) -> None:
    """Read one Patient and search for another before the entries that update the first, delete the second."""
    offering(fhir, truth, expect, "transaction", "create", "read", "update", "delete", "search-type")
    stem = identifier_of(truth, "SRV-BUN-05")
    with created(fhir, expect, f"{stem}-1") as kept, created(fhir, expect, f"{stem}-2") as deleted:
        reply = send(
            fhir,
            "transaction",
            [
                entry("GET", f"Patient/{kept.id}"),
                entry("GET", f"Patient?_id={deleted.id}"),
                entry("PUT", f"Patient/{kept.id}", {**kept.sent, "id": kept.id, "birthDate": CHANGED}),
                entry("DELETE", f"Patient/{deleted.id}"),
            ],
        )
        if FIRST_ERROR <= reply.status < FIRST_SERVER_ERROR:
            expect.name(reply)
            expect.skip(
                f"Le serveur n'accepte pas la transaction d'essai ({status_of(reply)}) : ordre non montré.",
                f"The server does not accept the test transaction ({status_of(reply)}): order not shown.",
            )
        expect.status(reply, OK)
        answered = [part(one, "resource") for one in reply.entries]
        read, search = [*answered, {}, {}][:2]
        if not read or not search:
            expect.name(reply)
            expect.skip(
                "Les entrées GET de la transaction n'ont pas rendu de ressource : voir SRV-BUN-02.",
                "The GET entries of the transaction returned no resource: see SRV-BUN-02.",
            )
        born = quoted(read.get("birthDate"))
        expect.that(born == CHANGED, expected=f"birthDate {CHANGED}, read last", seen=born, evidence=[reply])
        found = [part(one, "resource").get("id") for one in objects(search.get("entry"))]
        expect.that(
            deleted.id not in found,
            expected=f"Patient/{deleted.id} deleted first",
            seen="found by the search",
            evidence=[reply],
        )
