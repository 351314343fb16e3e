"""Level 4, specific resource: the content of a document is confined like the document.

Spec: https://hl7.org/fhir/R4/binary.html#security; source: five-levels reference, L4-32; CWE-639.
"""

from collections.abc import Iterator

from lab.api import CRITICAL, SERVER, Cohort, Expect, FhirClient, Reply, Text, Truth, probe, status_of
from lab.checks.address import resolved, same_origin
from lab.checks.security.border import border, owner
from lab.checks.security.compartment import about
from lab.checks.security.likeness import answered, difference, twin
from lab.checks.security.masked import Resource
from lab.checks.security.secret_values import leaked
from lab.checks.security.unserved import unserved
from lab.checks.statement import objects, part

_OK = 200
_FEW = 3
_ANY = {"Accept": "*/*"}


@probe(
    "L4-32",
    level=4,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L4-32",),
    title=Text(fr="Binary et pièces jointes", en="Binary and attachments"),
    failure=Text(
        fr="Le contenu d'un document hors cohorte ne répond pas comme un contenu inconnu.",
        en="The content of a document outside the cohort does not answer as unknown content.",
    ),
    remedy=Text(
        fr="Décider de Binary et des adresses de pièces jointes d'après le patient du document "
        "(securityContext, ou la DocumentReference qui y renvoie).",
        en="Decide on Binary and on attachment addresses by the patient of the document (securityContext, or "
        "the DocumentReference that refers to it).",
    ),
)
def attachments(
    fhir: FhirClient, restricted: FhirClient, cohort: Cohort, truth: Truth, expect: Expect
) -> None:
    """Fetch the content of outside documents as FHIR JSON and as it is, beside content of nobody."""
    sides = border(cohort, truth)
    controls: list[Reply] = []
    served: list[str] = []
    for url in dict.fromkeys(_contents(fhir, cohort, truth)):
        controls.append(fhir.get(url, headers=_ANY))
        if controls[-1].status == _OK and controls[-1].body:
            served.append(url)
    if not served:
        controls = controls or [fhir.search("DocumentReference", _count=1)]
        unserved(Text(fr="le contenu d'un document", en="the content of a document"), controls, expect)
    chance = truth.random("L4-32")
    for url in served[:_FEW]:
        head, _, tail = url.rpartition("/")
        never = [twin(tail, chance), twin(tail, chance)]
        for headers in ({}, _ANY):
            hidden, first, again = (
                restricted.get(f"{head}/{one}", headers=headers) for one in (tail, *never)
            )
            answered(hidden, expect)
            seen = difference(hidden, tail, (first, never[0]), (again, never[1]))
            value = leaked(sides.hidden, hidden)
            expect.that(
                not seen and not value and hidden.status != _OK,
                expected="the answer of unknown content",
                seen=seen or value or status_of(hidden),
                evidence=[hidden, first],
            )


def _contents(fhir: FhirClient, cohort: Cohort, truth: Truth) -> Iterator[str]:
    """Yield the addresses of content outside, on the application itself, planted or found."""
    planted = sorted({where.partition(" ")[0] for where in truth.canary.markers.values()})
    outside = [where for where in planted if owner(where) in cohort.outside]
    yield from [where for where in outside if where.startswith("Binary/")][:_FEW]
    documents = [fhir.get(where).resource for where in outside if where.startswith("DocumentReference/")][:1]
    for document in [*documents, about(fhir, "DocumentReference", cohort.outside) or {}]:
        for url in _urls(document):
            address = resolved(f"{fhir.base_url}/", url)
            if same_origin(fhir.base_url, address) and "?" not in address:
                yield address.removeprefix(f"{fhir.base_url}/")


def _urls(document: Resource) -> Iterator[str]:
    for content in objects(document.get("content")):
        url = part(content, "attachment").get("url")
        if isinstance(url, str):
            yield url
