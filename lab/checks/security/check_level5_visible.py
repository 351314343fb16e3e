"""Level 5, data: a masked datum stands nowhere else, and what no mask covers is given as it is held.

Source: five-levels reference, L5-13, L5-29 and P4 (losing visible data is a patient-safety defect).
"""

import json
from collections.abc import Iterator

from lab.api import HIGH, SERVER, Cohort, Expect, FhirClient, Reply, Text, Truth, probe
from lab.checks.sample import declared, match_ids
from lab.checks.security.compartment import patients_of, referred
from lab.checks.security.concealing import concealed, known, masking, told
from lab.checks.security.leaves import nodes
from lab.checks.security.likeness import answered
from lab.checks.security.masked import Resource
from lab.checks.security.restriction import Restriction
from lab.checks.security.secret_values import leaked_in, secrets
from lab.checks.security.visible import lost_or_changed
from lab.checks.statement import objects, part

_TYPES = 12
_PAGE, _PAGES = 100, 3
_COMPARED = 20


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
        for resource in reply.resources():
            # What is not planted may stand in the data of another patient for a reason of its own.
            hidden = {text for patient in patients_of(resource) for text in secret_of.get(patient, ())}
            place = leaked_in(hidden, resource)
            expect.that(not place, expected="no masked value", seen=f"one in {place}", evidence=[reply])


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
    inside, compared = set(cohort.inside), 0
    for type_ in _searchable(fhir, limits):
        page = restricted.search(type_, _count=_COMPARED)
        ids = match_ids(page, type_)
        if not ids:
            continue
        source = fhir.search(type_, {"_id": ",".join(ids), "_count": len(ids)})
        served, held = _exactly(page, type_), _exactly(source, type_)
        for id_ in (one for one in ids if one in held and one in served and _plain(held[one], inside)):
            compared += 1
            place = lost_or_changed(held[id_], served[id_], limits.masked)
            expect.that(
                not place,
                expected="what is held, the masks apart",
                seen=f"{type_}.{place} lost or changed",
                evidence=[page, source],
            )
    if not compared:
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


def _exactly(reply: Reply, type_: str) -> dict[str, Resource]:
    """Return the resources by id, decimals as they are written: 1.10 is not 1.1."""
    try:
        whole = json.loads(reply.text, parse_float=str)
    except (ValueError, RecursionError):
        return {}
    entries = objects(whole.get("entry")) if isinstance(whole, dict) else []
    resources = [part(entry, "resource") for entry in entries]
    return {str(found.get("id")): found for found in resources if found.get("resourceType") == type_}
