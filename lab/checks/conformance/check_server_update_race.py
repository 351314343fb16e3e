"""SRV-UPD: two updates of one resource that arrive at the same moment.

Spec: https://hl7.org/fhir/R4/http.html#concurrency
"""

from lab.api import SHALL, Expect, FhirClient, Text, Truth, check, status_of
from lab.checks.simultaneous import write_at_once
from lab.checks.throwaway import created, identifier_of, version_tag, writable
from lab.checks.wording import quoted

OK, FIRST_REDIRECT = 200, 300
DAYS = ("1971-02-03", "1972-03-04")


@check(
    "SRV-UPD-04",
    expectation=SHALL,
    requirements=("laboratory@lost-update",),
    title=Text(fr="Course entre deux mises à jour", en="Lost-update race"),
    failure=Text(
        fr="Deux mises à jour simultanées d'une même version réussissent : l'une écrase l'autre à son insu.",
        en="Two simultaneous updates of the same version succeed: one overwrites the other unknowingly.",
    ),
    remedy=Text(
        fr="Comparer If-Match et écrire dans une même transaction, ou sous un même verrou.",
        en="Compare If-Match and write in one transaction, or under one lock.",
    ),
)
def one_update_wins(fhir: FhirClient, expect: Expect, truth: Truth) -> None:
    """Send two PUTs with the same If-Match at the same moment: exactly one wins, and is what is read."""
    known = writable(fhir, truth, expect, "create", "read", "update")
    if known.versioning != "versioned-update":
        expect.omit(
            "Le CapabilityStatement ne déclare pas Patient en versioned-update.",
            "The CapabilityStatement does not declare Patient as versioned-update.",
        )
    with created(fhir, expect, identifier_of(truth, "SRV-UPD-04")) as it:
        before = fhir.read("Patient", it.id)
        tag = version_tag(before)
        bodies = [{**it.sent, "id": it.id, "birthDate": day} for day in DAYS]
        replies = write_at_once(fhir, "PUT", f"Patient/{it.id}", bodies, {"If-Match": tag})
        won = [day for day, reply in zip(DAYS, replies, strict=True) if OK <= reply.status < FIRST_REDIRECT]
        seen = " and ".join(map(status_of, replies))
        expect.that(len(won) <= 1, expected="one update, one refusal", seen=seen, evidence=replies)
        if not won or not tag:
            expect.name(before, *replies)
            expect.skip(
                f"Aucune des deux mises à jour n'a réussi ({seen}) : voir SRV-UPD-03.",
                f"Neither of the two updates succeeded ({seen}): see SRV-UPD-03.",
            )
        read = fhir.read("Patient", it.id)
        born = quoted(read.resource.get("birthDate"))
        expect.that(born == won[0], expected=f"birthDate {won[0]}", seen=born, evidence=[*replies, read])
