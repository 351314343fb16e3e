"""SRV-BUN: batches, whose entries are requests of their own.

Spec: https://hl7.org/fhir/R4/http.html#batch
"""

from lab.api import SHALL, Expect, FhirClient, Text, Truth, check, status_of
from lab.checks.bundles import entry, offering, patient_of, send, statuses
from lab.checks.throwaway import created, identifier_of, patient, swept
from lab.checks.wording import quoted

OK = 200
REFUSED = frozenset({401, 403})
UNKNOWN = "lab-no-such-id"


@check(
    "SRV-BUN-04",
    expectation=SHALL,
    requirements=("fhir-r4@http-batch-independent", "fhir-r4@http-batch-response"),
    title=Text(fr="Les entrées d'un lot sont indépendantes", en="Batch entries are independent"),
    failure=Text(
        fr="Une entrée d'un lot n'a pas son propre résultat, ou en empêche une autre.",
        en="An entry of a batch has no outcome of its own, or prevents another.",
    ),
    remedy=Text(
        fr="Exécuter chaque entrée pour elle-même et rendre son statut à sa place, erreurs comprises.",
        en="Carry out each entry for itself and return its status in its place, errors included.",
    ),
)
def entries_are_independent(fhir: FhirClient, expect: Expect, truth: Truth) -> None:
    """Send a read, a read of an unknown id, an update whose ids differ, and a creation."""
    offering(fhir, truth, expect, "batch", "create", "read", "update")
    stem = identifier_of(truth, "SRV-BUN-04")
    new = f"{stem}-new"
    with created(fhir, expect, f"{stem}-old") as it, swept(fhir, new):
        reply = send(
            fhir,
            "batch",
            [
                entry("GET", f"Patient/{it.id}"),
                entry("GET", f"Patient/{UNKNOWN}"),
                entry("PUT", f"Patient/{it.id}", {**it.sent, "id": UNKNOWN}),
                entry("POST", "Patient", patient(new)),
            ],
        )
        if reply.status in REFUSED:
            expect.name(reply)
            expect.skip(
                f"L'identité n'a pas le droit d'envoyer un lot ({status_of(reply)}).",
                f"The identity is not allowed to send a batch ({status_of(reply)}).",
            )
        expect.status(reply, OK)
        type_ = quoted(reply.resource.get("type"))
        expect.that(type_ == "batch-response", expected="batch-response", seen=type_, evidence=[reply])
        seen = statuses(reply)
        as_expected = len(seen) == 4 and all(
            status.startswith(wanted) for status, wanted in zip(seen, ("200", "4", "4", "201"), strict=True)
        )
        expect.that(
            as_expected,
            expected="200, 404, 400, 201",
            seen=quoted(", ".join(seen) or "none"),
            evidence=[reply],
        )
        id_ = patient_of(reply.entries[3])
        if id_:
            expect.status(fhir.read("Patient", id_), OK)
