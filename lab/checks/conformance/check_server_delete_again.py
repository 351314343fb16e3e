"""SRV-DEL: deleting what is deleted, and bringing it back.

Spec: https://hl7.org/fhir/R4/http.html#delete
"""

from lab.api import SHOULD, Expect, FhirClient, Text, Truth, check, status_of
from lab.checks.statement import part
from lab.checks.throwaway import created, declared_writes, identifier_of
from lab.checks.wording import quoted

FIRST_REDIRECT, FIRST_SERVER_ERROR = 300, 500
REFUSED = frozenset({401, 403, 405})


@check(
    "SRV-DEL-02",
    expectation=SHOULD,
    requirements=("fhir-r4@http-delete-again", "fhir-r4@http-delete-undone"),
    title=Text(fr="Supprimer deux fois, puis rétablir", en="Delete twice and bring back"),
    failure=Text(
        fr="Une seconde suppression échoue, ou une ressource rétablie reprend une version déjà donnée.",
        en="A second deletion breaks, or a resource brought back takes a version that was given before.",
    ),
    remedy=Text(
        fr="Répondre 200 ou 204 à la seconde suppression ; numéroter à la suite une ressource rétablie.",
        en="Answer 200 or 204 to the second deletion; go on numbering when a resource is brought back.",
    ),
)
def deleted_twice(fhir: FhirClient, expect: Expect, truth: Truth) -> None:
    """Delete a Patient twice, then send it by PUT; a server need not let a PUT bring it back."""
    said = declared_writes(fhir, truth, expect, "create", "read", "delete")
    with created(fhir, expect, identifier_of(truth, "SRV-DEL-02")) as it:
        first_version = part(fhir.read("Patient", it.id).resource, "meta").get("versionId")
        first = fhir.delete(f"Patient/{it.id}")
        if first.status in REFUSED:
            expect.name(first)
            expect.skip(
                f"L'identité n'a pas le droit de supprimer ({status_of(first)}).",
                f"The identity is not allowed to delete ({status_of(first)}).",
            )
        second = fhir.delete(f"Patient/{it.id}")
        expect.that(
            0 < second.status < FIRST_SERVER_ERROR,
            expected="HTTP 200 or 204",
            seen=status_of(second),
            evidence=[first, second],
        )
        if "update" not in said.types["Patient"].interactions:
            return
        back = fhir.write("PUT", f"Patient/{it.id}", {**it.sent, "id": it.id})
        expect.that(
            0 < back.status < FIRST_SERVER_ERROR,
            expected="HTTP 200 or 201, or a refusal",
            seen=status_of(back),
            evidence=[second, back],
        )
        if back.status >= FIRST_REDIRECT:
            return
        read = fhir.read("Patient", it.id)
        expect.status(read, 200)
        version = part(read.resource, "meta").get("versionId")
        expect.that(
            _is_later(version, first_version),
            expected=f"a version after {quoted(first_version)}",
            seen=quoted(version),
            evidence=[back, read],
        )


def _is_later(version: object, first: object) -> bool:
    """Compare numbers as numbers; other version ids say only that they differ."""
    if isinstance(version, str) and isinstance(first, str) and version.isdecimal() and first.isdecimal():
        return int(version) > int(first)
    return first is None or version != first
