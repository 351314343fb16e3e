"""Secondary use: coded data without any name, without those who object to it, and complete otherwise.

Sources: CNIL, référentiel des entrepôts de données de santé; RGPD art. 21 and 25; five-levels reference, P4.
"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from lab.api import CRITICAL, HIGH, OPPOSED, SERVER, Canary, Expect, FhirClient, Reply, Text, Truth, probe
from lab.checks.sample import matches
from lab.checks.security.border import owner, planted
from lab.checks.security.identifying import (
    everything_exported,
    everything_searched,
    found_in,
    naming,
    opens,
    scopes_of,
)
from lab.checks.security.likeness import answered, twin
from lab.checks.security.masked import Resource
from lab.checks.security.oracle import told_apart
from lab.checks.statement import objects, part

_OK = 200
_PATIENTS, _HELD, _COMPARED = 3, 8, 40
_WAYS = (
    "{type}/{id}",
    "{type}?_id={id}",
    "{type}/{id}/_history/1",
    "Patient/{id}/$everything",
    "Observation?patient={id}",
    "Condition?patient={id}",
)
"""Ways of asking for a resource; the last three are for patients."""
_CODED = ("Observation", "Condition", "Procedure", "DiagnosticReport", "MedicationRequest", "Encounter")
_AS_IT_IS = ("status", "class", "effectiveDateTime", "effectivePeriod", "onsetDateTime", "period")
_VALUES = ("valueQuantity", "valueBoolean", "valueInteger")


@probe(
    "S-01",
    level=5,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@S-01",),
    title=Text(fr="Identité dans les données de recherche", en="Identity in secondary use"),
    failure=Text(
        fr="Une valeur qui nomme un patient sort dans ce que reçoit l'identité de recherche.",
        en="A value that names a patient comes out in what the research identity receives.",
    ),
    remedy=Text(
        fr="Retirer les éléments nominatifs, le texte narratif, les textes libres et les libellés des "
        "références, dans les lectures, les recherches, $everything et les exports.",
        en="Remove nominative elements, narrative, free text and the labels of references, in reads, "
        "searches, $everything and exports.",
    ),
)
def no_name(research: FhirClient, truth: Truth, expect: Expect) -> None:
    """Sweep everything that the research identity can get for planted names, numbers, places and dates."""
    canary, scopes = planted(truth, expect), scopes_of(truth, "research")
    marked = naming(canary)
    received = 0
    patients = [*canary.inside()[:_PATIENTS], *canary.outside()[:1]]
    asked: Iterator[Reply] = (
        reply
        for replies in (
            everything_searched(research, scopes),
            (research.read("Patient", id_) for id_ in patients),
            (research.get(f"Patient/{id_}/$everything") for id_ in patients),
            (research.get(path) for path in canary.shapes.values() if opens(scopes, _type(path), "r")),
            everything_exported(research),
        )
        for reply in replies
    )
    for reply in asked:
        answered(reply, expect)
        received += reply.status == _OK and "canary" in reply.text
        value = found_in(marked, reply)
        expect.that(not value, expected="nothing that names a patient", seen=value, evidence=[reply])
    if not received:
        expect.skip(
            "L'identité de recherche n'a reçu aucune donnée marquée : rien n'a pu être cherché.",
            "The research identity received no marked data: there was nothing to look into.",
        )


@probe(
    "S-02",
    level=5,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@S-02",),
    title=Text(fr="Opposition à l'usage secondaire", en="Objection to secondary use"),
    failure=Text(
        fr="Un patient opposé à l'usage secondaire, ou sa donnée, sort pour l'identité de recherche.",
        en="A patient who objects to secondary use, or his data, comes out for the research identity.",
    ),
    remedy=Text(
        fr="Retirer de la vue de recherche les patients opposés et tout ce qui s'y rapporte, comme s'ils "
        "n'existaient pas.",
        en="Take patients who object, and all about them, out of the research view, as if they were not.",
    ),
)
def objection(fhir: FhirClient, research: FhirClient, truth: Truth, expect: Expect) -> None:
    """Ask for those who object in each way; compare with ids that never existed; then sweep."""
    canary, scopes = planted(truth, expect), scopes_of(truth, "research")
    chance = truth.random("S-02")
    held = [
        path for path in _theirs(canary) if opens(scopes, _type(path), "r") and fhir.get(path).status == _OK
    ]
    if not held:
        expect.skip(
            "L'identité complète ne lit aucune ressource marquée d'un patient opposé à l'usage secondaire.",
            "The full identity reads no marked resource of a patient who objects to secondary use.",
        )
    for path in held[:_HELD]:
        type_, _, id_ = path.partition("/")
        unknown, again = twin(id_, chance), twin(id_, chance)
        for way in _WAYS if type_ == "Patient" else _WAYS[:3]:
            hidden, nothing = (research.get(way.format(type=type_, id=one)) for one in (id_, unknown))
            seen = told_apart(
                (hidden, id_),
                (nothing, unknown),
                partial(research.get, way.format(type=type_, id=again)),
                expect,
            )
            expect.that(
                not seen,
                expected="the answer of an id that never existed",
                seen=f"{seen} by {way.format(type=type_, id='…')}",
                evidence=[hidden, nothing],
            )
    absent = {*canary.inside(OPPOSED), *(_id(path) for path in _theirs(canary))}
    for reply in everything_searched(research, scopes):
        answered(reply, expect)
        value = found_in(absent, reply)
        expect.that(not value, expected="nothing of those who object", seen=value, evidence=[reply])


@probe(
    "S-05",
    level=5,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@S-05",),
    title=Text(fr="Données codées perdues pour la recherche", en="Coded data lost to secondary use"),
    failure=Text(
        fr="L'identité de recherche ne reçoit pas, ou reçoit changées, des données codées auxquelles elle a "
        "droit.",
        en="The research identity does not receive, or receives changed, coded data that it is entitled to.",
    ),
    remedy=Text(
        fr="Ne retirer que les noms et les patients opposés ; rendre codes, dates et valeurs.",
        en="Remove only what names patients and those who object; give codes, dates and values.",
    ),
)
def coded_data(fhir: FhirClient, research: FhirClient, truth: Truth, expect: Expect) -> None:
    """Compare codes, dates and values of planted records, and their number, with what is held."""
    canary, scopes = planted(truth, expect), scopes_of(truth, "research")
    opposed, compared = set(canary.inside(OPPOSED)), 0
    for type_ in (one for one in _CODED if opens(scopes, one, "s")):
        ids = sorted(
            {
                _id(where)
                for where in canary.markers.values()
                if _type(where) == type_ and owner(where) and owner(where) not in opposed
            }
        )[:_COMPARED]
        asked = {"_id": ",".join(ids), "_count": _COMPARED}
        whole, served = fhir.search(type_, asked), research.search(type_, asked)
        held = {str(one["id"]): one for one in matches(whole, type_)}
        given = {str(one["id"]): one for one in matches(served, type_)}
        if held and not given and research.search(type_, _count=1).ids:
            expect.skip(
                "L'identité de recherche reçoit d'autres identifiants : rien ne peut être comparé.",
                "The research identity receives other ids: nothing can be compared.",
            )
        for id_, one in held.items():
            compared += 1
            lost = _lost(one, given.get(id_, {}))
            expect.that(
                not lost,
                expected="codes, dates and values as they are held",
                seen=f"{type_}/{id_}: {', '.join(lost)} lost or changed",
                evidence=[served, whole],
            )
    if not compared:
        expect.skip(
            "Aucune donnée codée marquée n'est d'un type ouvert à l'identité de recherche.",
            "No marked coded data is of a type that is open to the research identity.",
        )


def _theirs(canary: Canary) -> list[str]:
    """Return every planted resource (``Type/id``) about a patient who objects."""
    opposed = canary.inside(OPPOSED)
    return sorted({where.partition(" ")[0] for where in canary.markers.values() if owner(where) in opposed})


def _lost(held: Resource, given: Resource) -> list[str]:
    """Return the coded elements that are not given as they are held."""
    if not given:
        return ["the resource"]
    lost = [name for name in _AS_IT_IS if name in held and given.get(name) != held[name]]
    lost += [name for name in _VALUES if name in held and given.get(name) != held[name]]
    return lost + [
        name
        for name in ("code", "category", "clinicalStatus")
        if _codes(held.get(name)) - _codes(given.get(name))
    ]


def _codes(value: Any) -> set[tuple[str, str]]:
    concepts = objects(value) or [part({"it": value}, "it")]
    codings = (coding for concept in concepts for coding in objects(concept.get("coding")))
    return {(str(coding.get("system")), str(coding.get("code"))) for coding in codings}


def _type(path: str) -> str:
    return path.partition("/")[0]


def _id(where: str) -> str:
    return where.partition(" ")[0].partition("/")[2]
