"""SRV-DEL: deleting a resource.

Spec: https://hl7.org/fhir/R4/http.html#delete
"""

from lab.api import SHALL, Expect, FhirClient, Text, Truth, check, status_of
from lab.checks.throwaway import SYSTEM, bearing, created, identifier_of, writable

ACCEPTED = 202
REFUSED = frozenset({401, 403})


@check(
    "SRV-DEL-01",
    expectation=SHALL,
    requirements=("fhir-r4@http-delete",),
    title=Text(fr="Suppression", en="Delete"),
    failure=Text(
        fr="Une ressource supprimée se lit ou se trouve encore, ou la suppression ne répond pas 200 ou 204.",
        en="A deleted resource is still read or found, or the deletion does not answer 200 or 204.",
    ),
    remedy=Text(
        fr="Répondre 200, 202 ou 204 à DELETE, puis 410 (ou 404) à la lecture, et ne plus la trouver.",
        en="Answer 200, 202 or 204 to DELETE, then 410 (or 404) to a read, and find the resource no more.",
    ),
)
def deleted_is_gone(fhir: FhirClient, expect: Expect, truth: Truth) -> None:
    """Delete a Patient, read it and search it; 404 is for servers that do not track deletions."""
    known = writable(fhir, truth, expect, "create", "read", "delete")
    value = identifier_of(truth, "SRV-DEL-01")
    with created(fhir, expect, value) as it:
        reply = fhir.delete(f"Patient/{it.id}")
        if reply.status in REFUSED:
            expect.skip(
                f"L'identité n'a pas le droit de supprimer ({status_of(reply)}).",
                f"The identity is not allowed to delete ({status_of(reply)}).",
            )
        expect.status(reply, 200, ACCEPTED, 204)
        read = fhir.read("Patient", it.id)
        if reply.status == ACCEPTED and read.status == 200:
            expect.skip(
                "Le serveur a accepté la suppression (202) sans l'avoir encore faite.",
                "The server accepted the deletion (202) and has not done it yet.",
            )
        expect.status(read, 410, 404)
        criteria = {"identifier": f"{SYSTEM}|{value}"} if "identifier" in known.parameters else {"_id": it.id}
        found = fhir.search("Patient", criteria)
        expect.that(
            it.id not in bearing(found, value),
            expected="the deleted Patient found no more",
            seen="found by a search",
            evidence=[reply, found],
        )
