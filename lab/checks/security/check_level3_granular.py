"""Level 3, resource type: a granular scope opens a part of a type, by whatever way the rest is asked for.

Spec: https://hl7.org/fhir/smart-app-launch/STU2.2/scopes-and-launch-context.html#finer-grained-resource-constraints-using-search-parameters
"""

from collections.abc import Callable
from dataclasses import dataclass

from lab.api import (
    CRITICAL,
    HIGH,
    SERVER,
    Expect,
    FhirClient,
    Reply,
    Text,
    Truth,
    narrowed,
    probe,
    status_of,
)
from lab.checks.sample import is_id, match_ids, matches
from lab.checks.security.compartment import patients_of
from lab.checks.security.granted import whole_rights
from lab.checks.security.likeness import answered, difference, twin
from lab.checks.security.masked import Resource, resources_in
from lab.checks.security.restriction import Restriction, restriction
from lab.checks.security.unserved import unserved
from lab.checks.statement import objects

_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
_LABORATORY, _VITAL = f"{_CATEGORY}|laboratory", f"{_CATEGORY}|vital-signs"
_SCOPE = f"system/Observation.rs?category={_LABORATORY}"
_OK = 200
_PAGE = 200
_CONFINE = Text(
    fr="Ajouter la condition de la portée granulaire à la vue de l'appelant, dans chaque sous-requête, et "
    "non au seul filtre de la recherche.",
    en="Add the condition of the granular scope to the view of the caller, in every sub-query, and not to "
    "the filter of searches alone.",
)


@dataclass(frozen=True)
class _Observations:
    """What the restricted identity sees: results of laboratories, and others."""

    laboratory: tuple[Resource, ...]
    others: tuple[Resource, ...]


@probe(
    "L3-06",
    level=3,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L3-06",),
    title=Text(fr="Portée granulaire, lecture par id", en="Granular scope, read by id"),
    failure=Text(
        fr="Une portée réduite à une catégorie laisse lire, ou deviner, une ressource d'une autre.",
        en="A scope narrowed to one category lets a resource of another be read, or guessed.",
    ),
    remedy=_CONFINE,
)
def granular_read(
    restricted: FhirClient,
    scoped: Callable[[str], FhirClient],
    truth: Truth,
    expect: Expect,
) -> None:
    """Read a result of another category: the answer is that about an id that never existed."""
    narrow = _narrow(scoped, restriction(truth, expect), expect)
    held = _observations(restricted, expect)
    control = narrow.read("Observation", str(held.laboratory[0]["id"]))
    _works(control, expect)
    chance = truth.random("L3-06")
    for other in held.others[:2]:
        id_ = str(other["id"])
        hidden = narrow.read("Observation", id_)
        unknown = [
            (narrow.read("Observation", never), never) for never in (twin(id_, chance), twin(id_, chance))
        ]
        seen = difference(hidden, id_, unknown[0], unknown[1])
        expect.that(
            not seen,
            expected="the answer about an id that never existed",
            seen=seen,
            evidence=[hidden, *(reply for reply, _ in unknown), control],
        )


@probe(
    "L3-07",
    level=3,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L3-07",),
    title=Text(fr="Portée granulaire, recherche", en="Granular scope, search"),
    failure=Text(
        fr="Une recherche sous une portée réduite à une catégorie rend, ou compte, des ressources d'une "
        "autre.",
        en="A search under a scope narrowed to one category gives, or counts, resources of another.",
    ),
    remedy=_CONFINE,
)
def granular_search(
    restricted: FhirClient,
    scoped: Callable[[str], FhirClient],
    truth: Truth,
    expect: Expect,
) -> None:
    """Search without a category, by id, by another category, and count: only laboratory results are there."""
    narrow = _narrow(scoped, restriction(truth, expect), expect)
    held = _observations(restricted, expect)
    first = narrow.search("Observation", _count=_PAGE)
    _works(first, expect)
    if not matches(first, "Observation"):
        expect.skip(
            "La portée granulaire ne rend aucun résultat, même de laboratoire.",
            "The granular scope gives no result at all, not even of a laboratory.",
        )
    other = str(held.others[0]["id"])
    asked = [
        *((page, "a search") for page in narrow.pages(first, 3)),
        (narrow.search("Observation", _id=other), "_id"),
        (narrow.search_by_post("Observation", {"_id": other}), "_id by POST"),
        (narrow.search("Observation", category=_VITAL), "another category"),
    ]
    for reply, how in asked:
        _only_laboratory(reply, how, expect)
    for reply, how in asked[-3:]:
        total = reply.resource.get("total")
        expect.that(total in (None, 0), expected="a total of 0", seen=f"{total} by {how}", evidence=[reply])
    counted = narrow.search("Observation", _summary="count")
    whole = restricted.search("Observation", category=_LABORATORY, _summary="count")
    totals = [reply.resource.get("total") for reply in (counted, whole)]
    if all(isinstance(total, int) for total in totals):
        expect.that(
            totals[0] == totals[1],
            expected=f"a total of {totals[1]}",
            seen=totals[0],
            evidence=[counted, whole],
        )


@probe(
    "L3-08",
    level=3,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L3-08",),
    title=Text(fr="Portée granulaire par inclusion ou chaîne", en="Granular scope through include or chain"),
    failure=Text(
        fr="Une inclusion, une recherche inversée ou $everything passe outre la condition de la portée.",
        en="An include, a reverse chain or $everything gets round the condition of the scope.",
    ),
    remedy=_CONFINE,
)
def granular_include(
    restricted: FhirClient,
    scoped: Callable[[str], FhirClient],
    truth: Truth,
    expect: Expect,
) -> None:
    """Ask a patient for its results by include, by ``_has`` and by ``$everything``."""
    limits = restriction(truth, expect)
    if not (limits.opens("Patient", "r") and limits.opens("Patient", "s")):
        expect.omit(
            "Les portées de l'identité restreinte n'ouvrent pas Patient : rien ne mène à ses résultats.",
            "The scopes of the restricted identity do not open Patient: nothing leads to its results.",
        )
    narrow = _narrow(scoped, limits, expect, "system/Patient.rs")
    held = _observations(restricted, expect)
    patient = next((id_ for one in held.others for id_ in sorted(patients_of(one)) if is_id(id_)), "")
    _works(narrow.search("Patient", _id=patient), expect)
    controls: list[Reply] = []
    shown = 0
    for name, value in (
        ("_revinclude", "Observation:patient"),
        ("_revinclude", "Observation:subject"),
        ("_has:Observation:patient:category", _VITAL),
    ):
        controls.append(restricted.search("Patient", {"_id": patient, name: value, "_count": _PAGE}))
        reply = narrow.search("Patient", {"_id": patient, name: value, "_count": _PAGE})
        answered(reply, expect)
        if name == "_revinclude" and _others_in(controls[-1]):
            _only_laboratory(reply, name, expect)
            shown += 1
        if name != "_revinclude" and patient in match_ids(controls[-1], "Patient"):
            seen = match_ids(reply, "Patient")
            expect.that(not seen, expected="no match by _has", seen=f"{len(seen)} matches", evidence=[reply])
            shown += 1
    controls.append(restricted.get(f"Patient/{patient}/$everything"))
    if _others_in(controls[-1]):
        reply = narrow.get(f"Patient/{patient}/$everything")
        answered(reply, expect)
        _only_laboratory(reply, "$everything", expect)
        shown += 1
    if not shown:
        unserved(
            Text(fr="les inclusions et recherches inversées", en="includes and reverse chains"),
            controls,
            expect,
        )


def _narrow(
    scoped: Callable[[str], FhirClient], limits: Restriction, expect: Expect, *also: str
) -> FhirClient:
    """Return the client with the granular scope; omits the check where the endpoint gives no such token."""
    if not (limits.opens("Observation", "r") and limits.opens("Observation", "s")):
        expect.omit(
            "Les portées de l'identité restreinte n'ouvrent pas Observation en entier.",
            "The scopes of the restricted identity do not open the whole of Observation.",
        )
    token = narrowed(scoped, " ".join((*also, _SCOPE)))
    whole = {type_ for type_, letter in whole_rights(token.granted) if letter in "rs"}
    return token.needed(expect, but="Observation.rs" if whole & {"Observation", "*"} else "")


def _observations(restricted: FhirClient, expect: Expect) -> _Observations:
    found = {
        str(resource["id"]): resource
        for category in (_LABORATORY, _VITAL)
        for resource in matches(restricted.search("Observation", category=category, _count=20), "Observation")
    }
    known = tuple(found.values())
    held = _Observations(
        tuple(one for one in known if _is_laboratory(one)),
        tuple(one for one in known if not _is_laboratory(one)),
    )
    if not held.laboratory or not held.others:
        expect.skip(
            "L'identité restreinte ne trouve pas à la fois des résultats de laboratoire et des signes vitaux "
            "(Observation.category).",
            "The restricted identity does not find both laboratory results and vital signs "
            "(Observation.category).",
        )
    return held


def _is_laboratory(observation: Resource) -> bool:
    codings = [c for concept in objects(observation.get("category")) for c in objects(concept.get("coding"))]
    return any((c.get("system"), c.get("code")) == (_CATEGORY, "laboratory") for c in codings)


def _others_in(reply: Reply) -> list[Resource]:
    return [one for one in resources_in(reply.json, "Observation") if not _is_laboratory(one)]


def _only_laboratory(reply: Reply, how: str, expect: Expect) -> None:
    answered(reply, expect)
    seen = len(_others_in(reply))
    expect.that(
        not seen, expected="laboratory results only", seen=f"{seen} others by {how}", evidence=[reply]
    )


def _works(reply: Reply, expect: Expect) -> None:
    if reply.status != _OK:
        expect.name(reply)
        expect.skip(
            f"Le jeton de portée granulaire ne sert pas à ce qu'il permet ({status_of(reply)}).",
            f"The token with the granular scope does not work for what it allows ({status_of(reply)}).",
        )
