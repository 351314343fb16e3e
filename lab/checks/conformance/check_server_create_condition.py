"""SRV-CRT: a creation that is done only when nothing meets its criteria.

Spec: https://hl7.org/fhir/R4/http.html#ccreate
"""

from lab.api import SHALL, Expect, FhirClient, Reply, Text, Truth, check, status_of
from lab.checks.options import require_condition
from lab.checks.simultaneous import write_at_once
from lab.checks.throwaway import SYSTEM, bearing, declared_writes, identifier_of, patient
from lab.checks.wording import quoted

OK, CREATED, SEVERAL = 200, 201, 412
AT_ONCE = 20
REFUSED = frozenset({401, 403})


@check(
    "SRV-CRT-07",
    expectation=SHALL,
    requirements=("fhir-r4@http-ccreate", "laboratory@conditional-create-race"),
    title=Text(fr="Création conditionnelle, et sa course", en="Conditional create and its race"),
    failure=Text(
        fr="Une création avec If-None-Exist ignore ce qui correspond, ou crée deux fois en course.",
        en="A create with If-None-Exist ignores the number of matches, or creates twice when raced.",
    ),
    remedy=Text(
        fr="Chercher et créer dans une même transaction : 201 sans correspondance, 200 pour une, sinon 412.",
        en="Search and create in one transaction: 201 without a match, 200 for one, 412 for several.",
    ),
)
def conditional_create(fhir: FhirClient, expect: Expect, truth: Truth) -> None:
    """Create on the condition that there is none, with no match, one, two; then twenty times at once.

    HL7 says nothing of creations that arrive together: several Patients left by these are a remark.
    """
    said = declared_writes(fhir, truth, expect, "create", "search-type")
    require_condition(expect, said, "conditionalCreate")
    value = identifier_of(truth, "SRV-CRT-07")
    raced = f"{value}-race"
    try:
        first = _create(fhir, value)
        if first.status in REFUSED:
            expect.name(first)
            expect.skip(
                f"L'identité n'a pas le droit de créer sous condition ({status_of(first)}).",
                f"The identity is not allowed to create on a condition ({status_of(first)}).",
            )
        expect.status(first, CREATED)
        second = _create(fhir, value)
        expect.status(second, OK)
        left = _found(fhir, value)
        expect.that(
            len(left) == 1, expected="one Patient", seen=f"{len(left)} Patient", evidence=[first, second]
        )
        again = fhir.write("POST", "Patient", patient(value))
        if again.status != CREATED:
            expect.name(again)
            expect.skip(
                f"Un second Patient de même identifiant n'a pas été créé ({status_of(again)}).",
                f"A second Patient with the same identifier was not created ({status_of(again)}).",
            )
        expect.status(_create(fhir, value), SEVERAL)
        replies = write_at_once(
            fhir, "POST", "Patient", [patient(raced)] * AT_ONCE, {"If-None-Exist": _condition(raced)}
        )
        left = _found(fhir, raced)
        seen = f"{len(left)} Patient, {sum(reply.status == CREATED for reply in replies)} times HTTP 201"
        expect.should(
            len(left) == 1,
            expected=f"one Patient left by {AT_ONCE} simultaneous creations",
            seen=quoted(seen),
            evidence=replies[:3],
        )
    finally:
        for each in (value, raced):
            for id_ in _found(fhir, each)[:AT_ONCE]:
                fhir.delete(f"Patient/{id_}")


def _create(fhir: FhirClient, value: str) -> Reply:
    return fhir.write("POST", "Patient", patient(value), {"If-None-Exist": _condition(value)})


def _condition(value: str) -> str:
    return f"identifier={SYSTEM}|{value}"


def _found(fhir: FhirClient, value: str) -> list[str]:
    return bearing(fhir.search("Patient", identifier=f"{SYSTEM}|{value}", _count=2 * AT_ONCE), value)
