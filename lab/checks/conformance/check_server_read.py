"""SRV-RD: reading one resource.

Spec: https://hl7.org/fhir/R4/http.html#read
"""

from lab.api import SHALL, Expect, FhirClient, Text, check
from lab.checks.sample import sample

UNKNOWN = "lab-no-such-id"


@check(
    "SRV-RD-03",
    expectation=SHALL,
    requirements=("fhir-r4@http-read-404",),
    title=Text(fr="Identifiant inconnu", en="Unknown id"),
    failure=Text(
        fr="La lecture d'un identifiant inconnu ne répond pas 404 avec un OperationOutcome.",
        en="Reading an unknown id does not answer 404 with an OperationOutcome.",
    ),
    remedy=Text(
        fr="Répondre 404 et un OperationOutcome à la lecture d'une ressource qui n'existe pas.",
        en="Answer 404 and an OperationOutcome when a resource that does not exist is read.",
    ),
)
def unknown_id(fhir: FhirClient, expect: Expect) -> None:
    """Read an id that never existed, of a type that the server declares."""
    type_ = sample(fhir, expect).type
    reply = fhir.read(type_, UNKNOWN)
    expect.status(reply, 404)
    expect.that(
        reply.type == "OperationOutcome",
        expected="OperationOutcome",
        seen=reply.type or "no resource",
        evidence=[reply],
    )
