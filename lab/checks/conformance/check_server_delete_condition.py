"""SRV-DEL: deleting what meets criteria.

Spec: https://hl7.org/fhir/R4/http.html#cdelete
"""

from lab.api import SHALL, Expect, FhirClient, Reply, Text, Truth, check, status_of
from lab.checks.options import option, require_condition
from lab.checks.sample import is_id
from lab.checks.statement import Statement
from lab.checks.throwaway import SYSTEM, declared_writes, identifier_of, location, patient

CREATED, ACCEPTED, FIRST_REDIRECT = 201, 202, 300
REFUSED = frozenset({401, 403})
GONE = frozenset({404, 410})
OFFERED = frozenset({"single", "multiple"})
NEEDED = frozenset({"read", "search-type", "create", "delete"})


@check(
    "SRV-DEL-03",
    expectation=SHALL,
    requirements=("fhir-r4@http-cdelete", "laboratory@empty-criterion"),
    title=Text(fr="Suppression conditionnelle jamais partielle", en="Conditional delete is never partial"),
    failure=Text(
        fr="Une suppression conditionnelle supprime une partie des ressources, ou tout sans critère.",
        en="A conditional delete removes some of the matches, or everything when there is no criterion.",
    ),
    remedy=Text(
        fr="Supprimer toutes les ressources trouvées ou répondre 412 ; refuser une suppression sans critère.",
        en="Delete all the matches or answer 412; refuse a deletion without a criterion.",
    ),
)
def never_partial(fhir: FhirClient, expect: Expect, truth: Truth) -> None:
    """Delete two Patients by their common identifier, and see whether both are still there, or neither.

    The deletion without a criterion is tried only where it can do no harm: on the type Basic, when that is
    declared and empty.
    """
    said = declared_writes(fhir, truth, expect, *sorted(NEEDED))
    require_condition(expect, said, "conditionalDelete")
    value = identifier_of(truth, "SRV-DEL-03")
    replies = [fhir.write("POST", "Patient", patient(value)) for _ in range(2)]
    ids = [id_ for id_, _ in map(location, replies) if id_ is not None]
    try:
        expect.name(*replies)
        if len(set(ids)) != len(replies):
            expect.skip(
                "Deux Patients d'essai de même identifiant n'ont pas été créés.",
                "Two test Patients with the same identifier were not created.",
            )
        reply = fhir.delete(f"Patient?identifier={SYSTEM}|{value}")
        if reply.status in REFUSED or reply.status == ACCEPTED:
            expect.name(reply)
            expect.skip(
                f"La suppression conditionnelle n'est pas faite ({status_of(reply)}).",
                f"The conditional delete is not done ({status_of(reply)}).",
            )
        reads = [fhir.read("Patient", id_) for id_ in ids]
        gone = sum(read.status in GONE for read in reads)
        wanted = len(ids) if 0 < reply.status < FIRST_REDIRECT else 0
        expect.that(
            gone == wanted,
            expected=f"{status_of(reply)} and {wanted} of {len(ids)} deleted",
            seen=f"{gone} of {len(ids)} deleted",
            evidence=[reply, *reads],
        )
    finally:
        for id_ in ids:
            fhir.delete(f"Patient/{id_}")
    _no_criterion(fhir, expect, said)


def _no_criterion(fhir: FhirClient, expect: Expect, said: Statement) -> None:
    """Send a deletion without a criterion on a type that holds nothing but what is created here."""
    basic = said.types.get("Basic")
    if (
        basic is None
        or not basic.interactions >= NEEDED
        or option(said, "Basic", "conditionalDelete") not in OFFERED
    ):
        return
    if not _is_empty(fhir.search("Basic", _count=1)):
        return
    created = fhir.write("POST", "Basic", {"resourceType": "Basic", "code": {"text": "Essai du laboratoire"}})
    id_ = created.resource.get("id")
    if created.status != CREATED or not is_id(id_):
        return
    try:
        reply = fhir.delete("Basic")
        read = fhir.read("Basic", str(id_))
        expect.that(
            read.status not in GONE,
            expected="nothing deleted without a criterion",
            seen=f"{status_of(reply)}, then {status_of(read)}",
            evidence=[created, reply, read],
        )
    finally:
        fhir.delete(f"Basic/{id_}")


def _is_empty(found: Reply) -> bool:
    return (
        found.status == 200
        and found.type == "Bundle"
        and not found.entries
        and not found.resource.get("total")
    )
