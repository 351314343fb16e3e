"""Level 3, resource type: a conditional write is a write, on a resource that the caller need not name.

Spec: https://hl7.org/fhir/R4/http.html#cond-update
"""

from collections.abc import Iterator

from lab.api import HIGH, SERVER, Cohort, Expect, FhirClient, Text, Truth, probe
from lab.checks.security.compartment import about
from lab.checks.security.copied import copied, marks, stored
from lab.checks.security.copies import created_id, writable_server
from lab.checks.security.likeness import answered
from lab.checks.security.masked import Resource
from lab.checks.security.refused import refused
from lab.checks.security.restriction import Restriction, restriction
from lab.checks.statement import statement
from lab.checks.throwaway import SYSTEM

_TYPES_TRIED = 6
_REFUSED = (400, 403, 404, 405, 412, 501)


@probe(
    "L3-18",
    level=3,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L3-18",),
    title=Text(fr="Écritures conditionnelles", en="Conditional writes"),
    failure=Text(
        fr="Une modification ou une suppression conditionnelle passe là où la même, par id, serait refusée.",
        en="A conditional update or delete passes where the same by id would be refused.",
    ),
    remedy=Text(
        fr="Décider d'une écriture conditionnelle comme de l'écriture qu'elle devient, condition évaluée sur "
        "la vue de l'appelant ; sinon répondre 403.",
        en="Decide on a conditional write as the write that it becomes, its condition evaluated on the view "
        "of the caller; otherwise answer 403.",
    ),
)
def conditional_writes(
    fhir: FhirClient, restricted: FhirClient, cohort: Cohort, truth: Truth, expect: Expect
) -> None:
    """Aim at a resource of ours by its identifier: of a type not written, then of a patient outside."""
    writable_server(truth, expect)
    limits = restriction(truth, expect)
    shown = False
    for type_, model, last in _targets(fhir, limits, cohort):
        if shown and not last:
            continue
        mark = marks(truth, f"L3-18-{type_}", 1)[0]
        made = fhir.write("POST", type_, copied(model, mark))
        id_ = created_id(made, type_)
        if not id_:
            expect.name(made)
            continue
        shown = True
        try:
            _attack(fhir, restricted, (type_, id_, mark), copied(model, mark), limits, expect)
        finally:
            fhir.delete(f"{type_}/{id_}")
            for left in stored(fhir, type_, mark)[1]:
                fhir.delete(f"{type_}/{left}")
    if not shown:
        expect.skip(
            "L'identité complète n'a pu créer de cible d'aucun type que l'identité restreinte lise.",
            "The full identity could create a target of no type that the restricted identity reads.",
        )


def _attack(
    fhir: FhirClient,
    restricted: FhirClient,
    target: tuple[str, str, str],
    body: Resource,
    limits: Restriction,
    expect: Expect,
) -> None:
    """Update and delete the target by its identifier: refused without the right, and never carried out."""
    type_, id_, mark = target
    path = f"{type_}?identifier={SYSTEM}|{mark}"
    before = fhir.read(type_, id_)
    attempts = (
        (restricted.write("PUT", path, body), "u"),
        (restricted.delete(path), "d"),
    )
    after = fhir.read(type_, id_)
    for reply, right in attempts:
        answered(reply, expect)
        if not limits.opens(type_, right):
            refused(reply, expect, *_REFUSED, sent=f"a conditional write of {type_} without {right}")
    changed = ", another version" if after.status == before.status else ""
    expect.that(
        (before.status, before.resource) == (after.status, after.resource),
        expected="the target unchanged",
        seen=f"HTTP {after.status}{changed}",
        evidence=[before, *(reply for reply, _ in attempts), after],
    )


def _targets(fhir: FhirClient, limits: Restriction, cohort: Cohort) -> Iterator[tuple[str, Resource, bool]]:
    """Yield resources to copy: of types without the right to write, and last one about somebody outside."""
    types = [
        type_
        for type_, known in statement(fhir).types.items()
        if {"create", "search-type", "delete"} <= known.interactions
        and (not known.parameters or "identifier" in known.parameters)
    ]
    without = [t for t in types if not limits.opens(t, "u") or not limits.opens(t, "d")]
    for type_ in sorted(without, key=lambda t: (limits.opens(t, "u"), limits.closes(t), t))[:_TYPES_TRIED]:
        for held in fhir.search(type_, _count=1).resources(type_, mode="match"):
            yield type_, held, False
            break
    for type_ in (t for t in types if t != "Patient" and limits.opens(t, "u") and limits.opens(t, "d")):
        outside = about(fhir, type_, cohort.outside)
        if outside is not None:
            yield type_, outside, True
            return
