"""SRV-CRT: how much of what it created a server tells.

Spec: https://hl7.org/fhir/R4/http.html#prefer
"""

from lab.api import SHOULD, Expect, FhirClient, Reply, Text, Truth, check, status_of
from lab.checks.throwaway import identifier_of, location, patient, writable
from lab.checks.wording import quoted

CREATED = 201


@check(
    "SRV-CRT-06",
    expectation=SHOULD,
    requirements=("fhir-r4@http-prefer",),
    title=Text(fr="Préférence Prefer: return suivie", en="Prefer: return honoured"),
    failure=Text(
        fr="La réponse à une création ne suit pas Prefer: return=minimal, representation, OperationOutcome.",
        en="The answer to a create does not follow Prefer: return=minimal, representation, OperationOutcome.",
    ),
    remedy=Text(
        fr="Répondre sans corps, avec la ressource, ou avec un OperationOutcome, comme Prefer le demande.",
        en="Answer without a body, with the resource, or with an OperationOutcome, as Prefer asks.",
    ),
)
def answer_as_preferred(fhir: FhirClient, expect: Expect, truth: Truth) -> None:
    """Create three Patients, each with one of the preferences."""
    writable(fhir, truth, expect, "create")
    value = identifier_of(truth, "SRV-CRT-06")
    for preference, expected in (
        ("minimal", "no body"),
        ("representation", "Patient"),
        ("OperationOutcome", "OperationOutcome"),
    ):
        prefer = {"Prefer": f"return={preference}"}
        reply = fhir.write("POST", "Patient", patient(f"{value}-{preference}"), prefer)
        id_, _ = location(reply)
        if id_ is not None:
            fhir.delete(f"Patient/{id_}")
        if reply.status != CREATED:
            expect.name(reply)
            expect.skip(
                f"Le Patient d'essai n'a pas été créé ({status_of(reply)}) : voir SRV-CRT-01.",
                f"The test Patient was not created ({status_of(reply)}): see SRV-CRT-01.",
            )
        seen = _told(reply)
        expect.that(
            seen == expected, expected=f"{expected} for {preference}", seen=quoted(seen), evidence=[reply]
        )


def _told(reply: Reply) -> str:
    return (reply.type or "a body that is no resource") if reply.body.strip() else "no body"
