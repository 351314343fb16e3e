"""Level 4, specific resource: no parameter of the client takes the place of the cohort's own filter.

Source: Fyrstain/permission-module (commit 84d314c): the policy's filter and the client's same-name parameter
were joined by OR; hapifhir/hapi-fhir #3941 and #5991: a synonym parameter dropped the narrowing.
"""

from collections.abc import Iterator
from typing import Any

from lab.api import (
    CRITICAL,
    OTHER,
    SERVER,
    Cohort,
    Expect,
    FhirClient,
    Reply,
    Text,
    Truth,
    probe,
    status_of,
)
from lab.checks.sample import match_ids
from lab.checks.security.border import Border, border, is_outside
from lab.checks.security.compartment import clinical_types
from lab.checks.security.likeness import answered
from lab.checks.security.masked import Resource
from lab.checks.security.restriction import restriction
from lab.checks.statement import objects, part

_PAGE = 50
_TYPES = 3
_OK = 200
_REFERENCES = {"managingOrganization": "organization", "generalPractitioner": "general-practitioner"}
_CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality|V"
Search = dict[str, object]


@probe(
    "L4-08",
    level=4,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L4-08",),
    title=Text(fr="Paramètre du même nom fusionné par OU", en="Same-name parameter merged as OR"),
    failure=Text(
        fr="Un paramètre du client s'ajoute par OU au filtre de la cohorte, et l'élargit.",
        en="A parameter of the client is added to the cohort's filter by OR, and widens it.",
    ),
    remedy=Text(
        fr="Évaluer la cohorte à part, et la joindre par ET : ne jamais l'écrire dans les paramètres du "
        "client.",
        en="Evaluate the cohort apart and join it by AND: never write it into the client's parameters.",
    ),
)
def same_name(fhir: FhirClient, restricted: FhirClient, cohort: Cohort, truth: Truth, expect: Expect) -> None:
    """Search patients by whatever an outside one carries and a policy may filter on: tags, lists, groups."""
    control = restricted.search("Patient", _id=cohort.inside[0])
    if cohort.inside[0] not in match_ids(control, "Patient"):
        expect.name(control)
        expect.skip(
            f"L'identité restreinte ne trouve pas un patient de sa cohorte ({status_of(control)}).",
            f"The restricted identity does not find a patient of its cohort ({status_of(control)}).",
        )
    searches = list(_by_what_it_carries(fhir.read("Patient", cohort.outside[0]).resource, truth))
    sides = border(cohort, truth)
    shown = [(one, "Patient") for one in searches if _outside(fhir.search("Patient", one), sides)]
    # Said twice, a parameter means both at once, so nobody: unless the server takes either.
    shown.append(({"_id": [cohort.inside[0], cohort.outside[0]]}, "Patient"))
    _never_wider(restricted, shown, sides, expect)


@probe(
    "L4-09",
    level=4,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L4-09",),
    title=Text(fr="Restriction perdue par un synonyme", en="Narrowing dropped by a synonym parameter"),
    failure=Text(
        fr="Un autre paramètre sur le même lien (patient, subject, chaîne) fait perdre le filtre de la "
        "cohorte.",
        en="Another parameter on the same link (patient, subject, a chain) drops the cohort's filter.",
    ),
    remedy=Text(
        fr="Garder le filtre de la cohorte quels que soient les paramètres et les modificateurs du client.",
        en="Keep the cohort's filter whatever parameters and modifiers the client gives.",
    ),
)
def synonym(fhir: FhirClient, restricted: FhirClient, cohort: Cohort, truth: Truth, expect: Expect) -> None:
    """Search open types by synonyms of the link to the patient that match both sides of the border."""
    sides = border(cohort, truth)
    both = f"Patient/{cohort.inside[0]},Patient/{cohort.outside[0]}"
    ids = f"{cohort.inside[0]},{cohort.outside[0]}"
    searches: list[Search] = [
        {"patient": both},
        {"subject": both},
        {"patient": ids, "subject": both},
        {"subject:Patient": ids},
        {"subject:missing": "false"},
        {"patient:missing": "false"},
        {"subject:Patient._id": ids},
        {"patient._id": ids},
    ]
    types = clinical_types(fhir, restriction(truth, expect))[:_TYPES]
    shown = [
        (one, type_)
        for place, type_ in enumerate(types)
        for one in searches[: None if place == 0 else 3]
        if _outside(fhir.search(type_, {**one, "_count": _PAGE}), sides)
    ]
    if not shown:
        expect.skip(
            f"Aucun type ouvert ({', '.join(types) or 'aucun'}) ne se cherche par le lien au patient.",
            f"No open type ({', '.join(types) or 'none'}) can be searched by its link to the patient.",
        )
    _never_wider(restricted, shown, sides, expect)


def _never_wider(
    restricted: FhirClient, shown: list[tuple[Search, str]], sides: Border, expect: Expect
) -> None:
    """Ask, by GET and by POST, each search that the full identity showed to reach the outside."""
    if not shown:
        expect.skip(
            "Aucune des recherches n'atteint un patient hors cohorte, même avec l'identité complète.",
            "None of the searches reaches a patient outside the cohort, even with the full identity.",
        )
    for place, (search, type_) in enumerate(shown):
        asked: Search = {**search, "_count": _PAGE}
        replies = [restricted.search(type_, asked)]
        if place == 0:
            replies.append(restricted.search_by_post(type_, asked))
        for reply in replies:
            answered(reply, expect)
            found = _outside(reply, sides)
            expect.that(
                not found,
                expected="nothing of a patient outside",
                seen=f"{len(found)} {type_} by {', '.join(search)}",
                evidence=[reply],
            )


def _outside(reply: Reply, sides: Border) -> list[Resource]:
    return [one for one in reply.resources() if is_outside(one, sides)] if reply.status == _OK else []


def _by_what_it_carries(patient: Resource, truth: Truth) -> Iterator[Search]:
    """Yield searches that find the patient by its labels, its lists, its groups and what it belongs to."""
    for name, parameter in (("tag", "_tag"), ("security", "_security")):
        for coding in objects(part(patient, "meta").get(name))[:2]:
            if token := _token(coding):
                yield {parameter: token}
        yield {f"{parameter}:not": _CONFIDENTIALITY}
    for element, parameter in _REFERENCES.items():
        value = patient.get(element)
        first = next(iter(value), None) if isinstance(value, list) else value
        reference = first.get("reference") if isinstance(first, dict) else None
        if isinstance(reference, str):
            yield {parameter: reference}
    for name in ("list-outside", "list-mixed"):
        if name in truth.canary.shapes:
            yield {"_list": truth.canary.shapes[name].rpartition("/")[2]}
    if truth.canary:
        yield {"_has:Group:member:_id": OTHER}


def _token(coding: dict[str, Any]) -> str:
    parts = [coding.get("system"), coding.get("code")]
    return "|".join(str(one) for one in parts) if all(isinstance(one, str) for one in parts) else ""
