"""Level 5, data: a masked datum stands nowhere else, and what no mask covers is given as it is held.

Source: five-levels reference, L5-13, L5-29 and P4 (losing visible data is a patient-safety defect).
"""

from collections.abc import Iterator

from lab.api import HIGH, SERVER, Cohort, Expect, FhirClient, Reply, Text, Truth, probe
from lab.checks.sample import declared
from lab.checks.security.compartment import referred
from lab.checks.security.concealing import concealed, known, masking, told
from lab.checks.security.leaves import nodes
from lab.checks.security.likeness import answered
from lab.checks.security.lossless import compared
from lab.checks.security.masked import Resource
from lab.checks.security.restriction import Restriction
from lab.checks.security.secret_values import secrets
from lab.checks.security.sweep import tells_nothing

_TYPES = 12
_PAGE, _PAGES = 100, 3


@probe(
    "L5-13",
    level=5,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L5-13",),
    title=Text(fr="Même donnée ailleurs", en="Same datum elsewhere"),
    failure=Text(
        fr="La valeur d'un élément masqué d'un patient se lit dans une autre ressource qui le concerne.",
        en="The value of a masked element of a patient can be read in another resource about him.",
    ),
    remedy=Text(
        fr="Étendre le masque aux éléments, contacts et libellés qui répètent la donnée.",
        en="Extend the mask to the elements, contacts and labels that repeat the datum.",
    ),
)
def same_datum_elsewhere(fhir: FhirClient, restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Sweep every type that is open to the restricted identity for what masks hide of its patients."""
    limits = masking(truth, expect)
    planted = concealed(truth, limits)
    secret_of = {
        str(resource["id"]): secrets([resource], limits.masked_of(type_))
        for type_, _, whole in known(fhir, restricted, limits, expect)
        for resource in whole
        if type_ == "Patient"
    }
    for reply in _open(fhir, restricted, limits):
        answered(reply, expect)
        value = told(planted, reply)
        expect.that(not value, expected="no masked value anywhere", seen=value, evidence=[reply])
        tells_nothing(reply, secret_of, expect)


@probe(
    "L5-29",
    level=5,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L5-29",),
    title=Text(fr="Masque trop large", en="Over-masking"),
    failure=Text(
        fr="Un élément qu'aucun masque ne couvre est perdu ou changé.",
        en="An element that no mask covers is lost or changed.",
    ),
    remedy=Text(
        fr="Ne retirer que les éléments masqués et ce qui les répète ; rendre le reste tel quel.",
        en="Remove only the masked elements and what repeats them; give the rest as it is stored.",
    ),
)
def over_masking(
    fhir: FhirClient, restricted: FhirClient, cohort: Cohort, truth: Truth, expect: Expect
) -> None:
    """Compare, element by element, what the restricted identity finds with what is held."""
    limits = masking(truth, expect)
    inside = set(cohort.inside)
    if not sum(
        compared(restricted, fhir, type_, limits.masked, expect, lambda held: _plain(held, inside))
        for type_ in _searchable(fhir, limits)
    ):
        expect.skip(
            "L'identité restreinte ne reçoit aucune ressource que l'identité complète puisse confirmer.",
            "The restricted identity gets no resource that the full identity could confirm.",
        )


def _plain(resource: Resource, inside: set[str]) -> bool:
    """Tell whether masks alone decide what is left of a resource.

    What refers to somebody outside may lose that reference (level 4), what holds others is masked within.
    """
    holds = sum("resourceType" in node for node in nodes(resource)) > 1
    return not holds and referred(resource) <= inside


def _searchable(fhir: FhirClient, limits: Restriction) -> list[str]:
    types = [t for t, codes in declared(fhir).items() if "search-type" in codes and limits.opens(t, "s")]
    return sorted(types, key=lambda type_: (type_ not in limits.masked_types, type_))[:_TYPES]


def _open(fhir: FhirClient, restricted: FhirClient, limits: Restriction) -> Iterator[Reply]:
    for type_ in _searchable(fhir, limits):
        yield from restricted.pages(restricted.search(type_, _count=_PAGE), _PAGES)
