"""The credentials of the application at the hospital: who is outside its cohort does not exist, then or now.

Sources: five-levels reference, L4-01 and L4-35, P8; OWASP API1:2023, ASVS 5.0 8.3.2.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from random import Random
from typing import Any

from lab.api import (
    CLIENT,
    CRITICAL,
    Expect,
    FhirClient,
    Interaction,
    Reply,
    Text,
    Truth,
    TypeCohort,
    probe,
)
from lab.checks.granted import granted, members, unknown_in
from lab.checks.sample import match_ids
from lab.checks.security.grant_terms import grant_terms
from lab.checks.security.likeness import answered, difference, twin
from lab.checks.statement import objects, part

_OK = 200
_PAGE = 200
_OTHERS = 3
_TRIES, _PAUSE_S = 10, 0.5
"""Five seconds: what promise P8 leaves to a change of the cohort."""
_POOLS = frozenset({"Group", "List"})


@probe(
    "L4-01-C",
    level=4,
    severity=CRITICAL,
    role=CLIENT,
    requirements=("five-levels@L4-01",),
    title=Text(fr="Lecture hors cohorte", en="Read outside the cohort"),
    failure=Text(
        fr="Une ressource hors de la cohorte de l'application ne répond pas comme un identifiant inconnu.",
        en="A resource outside the cohort of the application does not answer as an unknown id.",
    ),
    remedy=Text(
        fr="Lire dans la vue de l'application : ce qui n'y est pas donne la réponse d'un id inconnu.",
        en="Read in the view of the application: what is not in it gets the answer of an unknown id.",
    ),
)
def read_outside(grant: FhirClient, hospital: FhirClient, truth: Truth, expect: Expect) -> None:
    """Read outside resources of each confined type, each beside two ids that never existed."""
    confined = _confined(truth, expect)
    patients = members(confined["Patient"], truth) if "Patient" in confined else frozenset[str]()
    found = match_ids(hospital.search("Patient", _count=_PAGE), "Patient")
    outside = [id_ for id_ in found if id_ not in patients]
    if not outside or not patients:
        expect.skip(
            "Il n'y a pas à la fois des patients dans la cohorte de l'application et en dehors.",
            "There are not both patients inside the cohort of the application and outside.",
        )
    chance = truth.random("L4-01-C")
    read = [("Patient", outside[0])]
    for type_ in [type_ for type_ in confined if type_ != "Patient"][:_OTHERS]:
        query = {"patient": ",".join(outside[:20]), "_count": 1}
        read += [(type_, id_) for id_ in match_ids(hospital.search(type_, query), type_)[:1]]
    opened = granted(truth, expect, Interaction.READ)
    for type_, id_ in read:
        if type_ in opened:
            _as_unknown(partial(grant.read, type_), id_, chance, expect)
        _as_unknown(partial(_named, grant, type_), id_, chance, expect)


@probe(
    "L4-35-C",
    level=4,
    severity=CRITICAL,
    role=CLIENT,
    requirements=("five-levels@L4-35",),
    title=Text(fr="Patient sorti de la cohorte", en="Patient leaves the cohort"),
    failure=Text(
        fr="Un patient sorti de la cohorte est encore servi à l'application plus de cinq secondes après.",
        en="A patient who left the cohort is still served to the application more than five seconds later.",
    ),
    remedy=Text(
        fr="Lire la composition de la cohorte à chaque requête, ou la garder cinq secondes au plus, liens de "
        "page compris.",
        en="Look the cohort up at each request, or keep it for five seconds at most, page links included.",
    ),
)
def leaves_the_cohort(grant: FhirClient, hospital: FhirClient, truth: Truth, expect: Expect) -> None:
    """Take a patient out of the Groups at the hospital, then read, search and follow an older link."""
    cohort = _confined(truth, expect).get("Patient")
    groups = sorted(cohort.pools - cohort.without) if cohort is not None else []
    older = grant.search("Patient", _count=2)
    ids = match_ids(grant.search("Patient", _count=_PAGE), "Patient")
    if not groups or len(ids) <= len(match_ids(older, "Patient")):
        expect.skip(
            "La cohorte n'est pas un Group d'au moins trois patients.",
            "The cohort is no Group of at least three patients.",
        )
    gone = ids[-1]
    held = {group: hospital.get(group) for group in groups}
    try:
        for group, reply in held.items():
            hospital.write("PUT", group, _without(reply.resource, gone))
        found = grant.search("Patient", _id=gone)
        for _ in range(_TRIES):
            if gone not in match_ids(found, "Patient"):
                break
            time.sleep(_PAUSE_S)
            found = grant.search("Patient", _id=gone)
        if "Patient" in granted(truth, expect, Interaction.READ):
            chance = truth.random("L4-35-C")
            _as_unknown(partial(grant.read, "Patient"), gone, chance, expect)
        for page in (found, *_later(grant, older)):
            answered(page, expect)
            expect.that(
                gone not in match_ids(page, "Patient"),
                expected="not found any more",
                seen=f"Patient/{gone}",
                evidence=[page],
            )
    finally:
        for group, before in held.items():
            if before.status == _OK:
                hospital.write("PUT", group, before.resource)


def _confined(truth: Truth, expect: Expect) -> Mapping[str, TypeCohort]:
    """Return the confined types whose patients the laboratory knows."""
    cohorts = grant_terms(truth, expect).cohorts
    confined = {t: c for t, c in cohorts.items() if not c.whole and t not in _POOLS}
    if not confined:
        expect.omit(
            "La Permission ne confine aucun type lisible.", "The Permission confines no readable type."
        )
    known = {type_: cohort for type_, cohort in confined.items() if not unknown_in(cohort, truth)}
    if not known:
        expect.skip(
            "La composition de la cohorte n'est pas connue du laboratoire.",
            "The members of the cohort are not known to the laboratory.",
        )
    return known


def _without(group: Mapping[str, Any], patient: str) -> dict[str, Any]:
    kept = [
        member
        for member in objects(group.get("member"))
        if not str(part(member, "entity").get("reference")).endswith(f"Patient/{patient}")
    ]
    return {**group, "member": kept}


def _later(grant: FhirClient, older: Reply) -> Iterator[Reply]:
    """Yield the pages that the links of an older answer lead to."""
    yield from list(grant.pages(older))[1:]


def _named(grant: FhirClient, type_: str, id_: str) -> Reply:
    return grant.search(type_, _id=id_)


def _as_unknown(ask: Callable[[str], Reply], id_: str, chance: Random, expect: Expect) -> None:
    """Expect, of what is outside, the answer that two ids get that never existed."""
    never = twin(id_, chance), twin(id_, chance)
    hidden, first, again = (ask(one) for one in (id_, *never))
    answered(hidden, expect)
    seen = difference(hidden, id_, (first, never[0]), (again, never[1]))
    found = hidden.resource.get("id") == id_ or any(one.get("id") == id_ for one in hidden.resources())
    expect.that(
        not seen and not found,
        expected="the answer of an id that never existed",
        seen=seen or f"{hidden.type} {id_}",
        evidence=[hidden, first],
    )
