"""Level 4, specific resource: what only refers to an outside patient, and what is said beside a reference.

Source: HL7 FHIR security page (Access Control Considerations: containers, Lists, Groups); CWE-200.
"""

from collections.abc import Iterator

from lab.api import (
    COHORT,
    HIGH,
    MEDIUM,
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
from lab.checks.sample import declared, match_ids, matches
from lab.checks.security.border import Border, border, planted, shape
from lab.checks.security.compartment import about, referred
from lab.checks.security.likeness import answered
from lab.checks.security.restriction import Restriction, restriction
from lab.checks.security.secret_values import leaked
from lab.checks.security.unserved import unserved

_OK = 200
_ABSENT = 400
_TYPES = ("List", "Group", "Task", "Provenance", "AuditEvent", "DocumentReference")
_SEARCHES = {
    "List": ("item", "patient", "subject"),
    "Group": ("member",),
    "Task": ("patient", "subject"),
    "Provenance": ("target", "patient"),
    "AuditEvent": ("patient", "entity"),
    "DocumentReference": ("patient", "subject"),
}
_SHAPES = ("list-outside", "list-mixed", "task-outside", "provenance-outside")


@probe(
    "L4-30",
    level=4,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L4-30",),
    title=Text(fr="Types hors du compartiment patient", en="Types outside the patient compartment"),
    failure=Text(
        fr="Une liste, une tâche, une provenance ou un document montre une référence à un patient hors "
        "cohorte.",
        en="A List, Task, Provenance or document shows a reference to a patient outside the cohort.",
    ),
    remedy=Text(
        fr="Confiner aussi les types qui ne font que renvoyer à un patient : les cacher, ou retirer la "
        "référence.",
        en="Confine those types too that only refer to a patient: hide them, or remove the reference.",
    ),
)
def referring_types(
    fhir: FhirClient, restricted: FhirClient, cohort: Cohort, truth: Truth, expect: Expect
) -> None:
    """Read and search, type by type, what the full identity finds to refer to somebody outside."""
    limits, sides = restriction(truth, expect), border(cohort, truth)
    tried: list[Reply] = []
    for path in _referring(fhir, limits, cohort, truth):
        held = fhir.get(path)
        out = sorted(referred(held.resource) & sides.outside)
        if held.status != _OK or not out:
            continue
        type_, _, id_ = path.partition("/")
        tried.append(held)
        replies = [restricted.get(path), restricted.search(type_, _id=id_)]
        replies += [
            restricted.search(type_, {name: f"Patient/{out[0]}"}) for name in _SEARCHES.get(type_, ())
        ]
        for reply in replies:
            answered(reply, expect)
            shown = sorted(_shown(reply, type_) & sides.outside)
            value = leaked(sides.hidden, reply)
            expect.that(
                not shown and not value,
                expected="hidden, or the reference removed",
                seen=f"{path} with {f'Patient/{shown[0]}' if shown else value}",
                evidence=[reply],
            )
    if not tried:
        end = expect.skip if truth.canary.shapes else expect.omit
        end(
            "Aucune ressource d'un type ouvert à l'identité restreinte ne renvoie à un patient hors cohorte "
            f"(essayés : {', '.join(_TYPES)}).",
            "No resource of a type open to the restricted identity refers to a patient outside the cohort "
            f"(tried: {', '.join(_TYPES)}).",
        )


@probe(
    "L4-31",
    level=4,
    severity=MEDIUM,
    role=SERVER,
    requirements=("five-levels@L4-31",),
    title=Text(fr="Composition des groupes", en="Group membership"),
    failure=Text(
        fr="L'identité voit un Group qui n'est pas le sien, ou des membres hors de sa cohorte.",
        en="The identity sees a Group that is not its own, or members outside its cohort.",
    ),
    remedy=Text(
        fr="Ne montrer à chaque application que son propre Group, avec ses seuls membres.",
        en="Show each application its own Group only, with its own members only.",
    ),
)
def group_membership(
    fhir: FhirClient, restricted: FhirClient, cohort: Cohort, truth: Truth, expect: Expect
) -> None:
    """Read the Group of another application, search all, and look at the members of its own."""
    limits, sides = restriction(truth, expect), border(cohort, truth)
    if limits.rights and limits.closes("Group"):
        expect.omit(
            "Les portées de l'identité restreinte n'ouvrent pas Group : voir L3-01.",
            "The scopes of the restricted identity do not open Group: see L3-01.",
        )
    own = limits.group
    others = [OTHER] if truth.canary and own == COHORT else _other_groups(fhir, own, sides)
    controls = [fhir.read("Group", id_) for id_ in others[:2]]
    held = [
        id_ for id_, reply in zip(others, controls, strict=False) if reply.status == _OK and reply.resource
    ]
    if not held:
        controls = controls or [fhir.search("Group", _count=5)]
        unserved(
            Text(fr="un Group d'une autre application", en="a Group of another application"), controls, expect
        )
    for id_ in held:
        reply = restricted.read("Group", id_)
        answered(reply, expect)
        expect.that(
            reply.status >= _ABSENT, expected="as unknown", seen=f"{status_of(reply)}", evidence=[reply]
        )
    out = cohort.outside[0]
    for search in ({"_count": 50}, {"_id": held[0]}, {"member": f"Patient/{out}"}):
        reply = restricted.search("Group", search)
        answered(reply, expect)
        foreign = sorted(set(match_ids(reply, "Group")) & set(others))
        members = sorted(_shown(reply, "Group") & sides.outside)
        expect.that(
            not foreign and not members,
            expected="its own Group only",
            seen=", ".join((*foreign[:2], *members[:2])),
            evidence=[reply],
        )
    if own:
        reply = restricted.read("Group", own)
        answered(reply, expect)
        members = sorted(referred(reply.resource) & sides.outside)
        expect.that(
            not members, expected="members of the cohort", seen=", ".join(members[:2]), evidence=[reply]
        )


@probe(
    "L4-33",
    level=4,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L4-33",),
    title=Text(fr="Libellé d'une référence", en="Display text of a reference"),
    failure=Text(
        fr="display ou identifier, à côté d'une référence, nomme un patient hors cohorte.",
        en="display or identifier, beside a reference, names a patient outside the cohort.",
    ),
    remedy=Text(
        fr="Retirer display et identifier des références vers ce que l'identité ne peut pas lire.",
        en="Remove display and identifier from references to what the identity cannot read.",
    ),
)
def told_beside(
    fhir: FhirClient, restricted: FhirClient, cohort: Cohort, truth: Truth, expect: Expect
) -> None:
    """Read and search the result whose focus tells the name and number of somebody outside."""
    canary = planted(truth, expect)
    path = shape(canary, "focus", expect)
    type_, _, id_ = path.partition("/")
    sides = border(cohort, truth)
    control = fhir.get(path)
    if not leaked(sides.hidden, control):
        expect.name(control)
        expect.omit(
            f"L'application ne garde ni display ni identifier de cette référence ({status_of(control)}).",
            f"The application keeps neither display nor identifier of that reference ({status_of(control)}).",
        )
    for reply in (
        restricted.get(path),
        restricted.search(type_, _id=id_),
        restricted.search(type_, {"patient": ",".join(canary.inside()), "_count": 100}),
        restricted.get(path, {"_elements": "focus"}),
    ):
        answered(reply, expect)
        value = leaked(sides.hidden, reply)
        expect.that(
            not value, expected="neither display nor identifier of the outside", seen=value, evidence=[reply]
        )


def _referring(fhir: FhirClient, limits: Restriction, cohort: Cohort, truth: Truth) -> Iterator[str]:
    """Yield where a resource of an open type refers to the outside: planted ones, then what is found."""
    seen = set()
    for name in _SHAPES:
        path = truth.canary.shapes.get(name, "")
        if path and limits.opens(path.partition("/")[0], "r"):
            seen.add(path.partition("/")[0])
            yield path
    known = declared(fhir)
    for type_ in _TYPES:
        if type_ in known and type_ not in {*seen, "Group"} and limits.opens(type_, "r"):
            found = about(fhir, type_, cohort.outside)
            if found:
                yield f"{type_}/{found['id']}"


def _other_groups(fhir: FhirClient, own: str, sides: Border) -> list[str]:
    """Return the Groups that hold patients outside, as the full identity finds them."""
    found = matches(fhir.search("Group", _count=20), "Group")
    return [str(one["id"]) for one in found if one["id"] != own and referred(one) & sides.outside]


def _shown(reply: Reply, type_: str) -> frozenset[str]:
    """Return the patients that the resources of a type refer to in an answer; what links repeat is asked."""
    resources = [reply.resource] if reply.type == type_ else list(reply.resources(type_))
    return frozenset(id_ for one in resources for id_ in referred(one))
