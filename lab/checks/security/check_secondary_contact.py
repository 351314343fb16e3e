"""Secondary use: whoever notifies patients sees how to reach them, and never why they are cared for.

Sources: RGPD art. 5(1)(c) and 25 (minimisation); five-levels reference, P4.
"""

from collections.abc import Iterator

from lab.api import CONTACT, CRITICAL, HIGH, SERVER, Canary, Expect, FhirClient, Reply, Text, Truth, probe
from lab.checks.security.border import planted
from lab.checks.security.identifying import (
    about_care,
    everything_exported,
    everything_searched,
    found_in,
    scopes_of,
)
from lab.checks.security.likeness import answered, twin
from lab.checks.security.oracle import Question, answered_alike

_OK = 200
_REACHED = ("name", "telecom")
_PATIENTS = 3


@probe(
    "S-03",
    level=5,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@S-03",),
    title=Text(fr="Coordonnées pour prévenir le patient", en="Contact data to notify patients"),
    failure=Text(
        fr="L'identité qui prévient les patients ne reçoit pas leur nom ou leurs coordonnées.",
        en="The identity that notifies patients does not receive their name or how to reach them.",
    ),
    remedy=Text(
        fr="Rendre Patient.name et Patient.telecom des patients de sa cohorte, tels qu'ils sont enregistrés.",
        en="Give Patient.name and Patient.telecom of the patients of its cohort, as they are stored.",
    ),
)
def reachable(fhir: FhirClient, contact: FhirClient, truth: Truth, expect: Expect) -> None:
    """Compare name and telecom of each patient of its cohort with what is held, by read and by search."""
    patients = planted(truth, expect).inside(CONTACT)
    compared = 0
    for id_ in patients:
        whole = fhir.read("Patient", id_)
        if whole.status != _OK:
            continue
        read, found = contact.read("Patient", id_), contact.search("Patient", _id=id_)
        given = ((read, read.resource), (found, next(found.resources("Patient", mode="match"), {})))
        for reply, resource in given:
            compared += 1
            lost = [name for name in _REACHED if resource.get(name) != whole.resource.get(name)]
            expect.that(
                not lost,
                expected="name and telecom as they are held",
                seen=f"HTTP {reply.status}, {', '.join(lost)} lost or changed",
                evidence=[reply, whole],
            )
    if not compared:
        expect.skip(
            "L'identité complète ne lit aucun patient marqué de la cohorte à prévenir.",
            "The full identity reads no marked patient of the cohort to notify.",
        )


@probe(
    "S-04",
    level=5,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@S-04",),
    title=Text(fr="Motif de soins du patient à prévenir", en="Reason for care of notified patients"),
    failure=Text(
        fr="L'identité qui prévient les patients apprend le motif ou le résultat de leurs soins.",
        en="The identity that notifies patients learns the reason or the result of their care.",
    ),
    remedy=Text(
        fr="Masquer les motifs d'Encounter et son texte, fermer Condition, Observation et les documents, y "
        "compris par _include, $everything et les recherches chaînées.",
        en="Mask the reasons of Encounter and its text, close Condition, Observation and documents, also by "
        "_include, $everything and chained searches.",
    ),
)
def no_reason(contact: FhirClient, truth: Truth, expect: Expect) -> None:
    """Sweep all that it can get for planted reasons and results; then search by them."""
    canary = planted(truth, expect)
    marked = about_care(canary)
    visits = 0
    for reply in _everything(contact, truth, canary):
        answered(reply, expect)
        visits += reply.status == _OK and "canary" in reply.text
        value = found_in(marked, reply)
        expect.that(not value, expected="neither reason nor result", seen=value, evidence=[reply])
    if not visits:
        expect.skip(
            "L'identité qui prévient n'a reçu aucune donnée marquée : rien n'a pu être cherché.",
            "The notifying identity received no marked data: there was nothing to look into.",
        )
    answered_alike(contact.search, _by_reason(canary, truth), expect)


def _everything(contact: FhirClient, truth: Truth, canary: Canary) -> Iterator[Reply]:
    yield from everything_searched(contact, scopes_of(truth, "contact"))
    for id_ in canary.inside(CONTACT)[:_PATIENTS]:
        tail = id_.removeprefix("canary-")
        yield contact.get(f"Patient/{id_}/$everything")
        yield contact.get(f"Encounter/canary-encounter-{tail}")
        yield contact.get(f"Condition/canary-condition-{tail}")
        yield contact.get(f"Observation/canary-observation-{tail}-0")
        yield contact.search("Condition", patient=id_)
        yield contact.get(f"Patient/{id_}/Condition")
    for query in (
        "Encounter?_include=*",
        "Encounter?_include=Encounter:diagnosis&_include=Encounter:reason-reference",
        "Encounter?_elements=reasonCode,diagnosis,type",
        "Patient?_revinclude=Condition:patient",
        "Patient?_revinclude=Observation:patient",
        "Patient?_revinclude=*",
    ):
        yield contact.get(query)
    yield from everything_exported(contact)


def _by_reason(canary: Canary, truth: Truth) -> Iterator[Question]:
    """Yield searches of visible resources by a planted reason, and by one that nobody has."""
    chance = truth.random("S-04")
    tail = canary.inside(CONTACT)[0].removeprefix("canary-")
    for type_, name, path, element in (
        ("Encounter", "reason-code:text", f"Encounter/canary-encounter-{tail}", "reasonCode"),
        (
            "Patient",
            "_has:Encounter:patient:reason-code:text",
            f"Encounter/canary-encounter-{tail}",
            "reasonCode",
        ),
        ("Patient", "_has:Condition:patient:code:text", f"Condition/canary-condition-{tail}", "code"),
        (
            "Patient",
            "_has:Observation:patient:identifier",
            f"Observation/canary-observation-{tail}-0",
            "identifier",
        ),
    ):
        for right in canary.of(path, element):
            wrong = twin(right, chance)
            yield Question(type_, name, {name: right}, {name: wrong}, right, wrong)
