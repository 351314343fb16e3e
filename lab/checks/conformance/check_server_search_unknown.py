"""SRV-SRC-12: a search parameter that nobody knows, under lenient and under strict handling.

Spec: https://hl7.org/fhir/R4/search.html#errors
"""

from lab.api import SHOULD, Expect, FhirClient, Text, check, status_of
from lab.checks.sample import match_ids, sample
from lab.checks.wording import quoted

UNKNOWN = "lab-unknown-parameter"
OK = 200


@check(
    "SRV-SRC-12",
    expectation=SHOULD,
    requirements=("fhir-r4@search-unknown", "fhir-r4@search-handling"),
    title=Text(fr="Paramètre de recherche inconnu", en="Unknown search parameter"),
    failure=Text(
        fr="Un paramètre inconnu n'est pas ignoré sous handling=lenient, ou n'est pas refusé sous "
        "handling=strict.",
        en="An unknown parameter is not ignored under handling=lenient, or not refused "
        "under handling=strict.",
    ),
    remedy=Text(
        fr="Suivre l'en-tête Prefer : ignorer le paramètre sous handling=lenient, répondre 400 avec un "
        "OperationOutcome sous handling=strict.",
        en="Follow the Prefer header: ignore the parameter under handling=lenient, answer 400 with an "
        "OperationOutcome under handling=strict.",
    ),
)
def unknown_parameter(fhir: FhirClient, expect: Expect) -> None:
    """Search one id along with a parameter that nobody knows, under each handling."""
    found = sample(fhir, expect)
    asked = {"_id": found.ids[0], UNKNOWN: "1"}
    strict = fhir.get(found.type, asked, {"Prefer": "handling=strict"})
    lenient = fhir.get(found.type, asked, {"Prefer": "handling=lenient"})
    expect.that(
        400 <= strict.status < 500,
        expected="HTTP 400 under handling=strict",
        seen=f"{status_of(strict)}, {len(match_ids(strict, found.type))} matches",
        evidence=[strict],
    )
    expect.that(
        strict.type == "OperationOutcome",
        expected="an OperationOutcome",
        seen=quoted(strict.type or "no resource"),
        evidence=[strict],
    )
    expect.status(lenient, OK)
    ids = match_ids(lenient, found.type)
    expect.that(
        ids == [found.ids[0]],
        expected="the one match of _id under handling=lenient",
        seen=f"{len(ids)} matches",
        evidence=[lenient],
    )
