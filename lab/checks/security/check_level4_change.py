"""Level 4, specific resource: who is in the cohort is decided now, by every rule, and by no rule nobody.

Source: OWASP ASVS 5.0 8.3.2 (immediate revocation); HL7/data-access-policies (combining algorithm); P8.
"""

from lab.api import (
    CRITICAL,
    OPPOSED,
    SERVER,
    Expect,
    FhirClient,
    Reply,
    Text,
    Truth,
    probe,
    status_of,
)
from lab.checks.bulk import cancelled, export, fetched, lines
from lab.checks.sample import match_ids
from lab.checks.security.border import planted
from lab.checks.security.copies import writable_server
from lab.checks.security.leaving import left
from lab.checks.security.likeness import answered, difference, twin
from lab.checks.throwaway import SYSTEM, created, identifier_of

_OK = 200
_FEW_POLLS = 6


@probe(
    "L4-35",
    level=4,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L4-35",),
    title=Text(fr="Patient sorti de la cohorte", en="Patient leaves the cohort"),
    failure=Text(
        fr="Un patient sorti de la cohorte est encore vu plus de cinq secondes après.",
        en="A patient who left the cohort is still seen more than five seconds later.",
    ),
    remedy=Text(
        fr="Lire la composition de la cohorte à chaque requête, ou la garder cinq secondes au plus : les "
        "liens de page et les exports aussi.",
        en="Look the cohort up at each request, or keep it for five seconds at most, page links and exports "
        "included.",
    ),
)
def leaves_the_cohort(fhir: FhirClient, restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Take a planted patient out of its cohort, then read, search, follow an older link, and export."""
    canary = planted(truth, expect)
    writable_server(truth, expect)
    gone = canary.inside()[-1]
    older = restricted.search("Patient", _count=2)
    before = restricted.read("Patient", gone)
    if before.status != _OK:
        expect.name(before)
        expect.skip(
            f"Le patient marqué n'est pas lisible au départ ({status_of(before)}).",
            f"The marked patient cannot be read to begin with ({status_of(before)}).",
        )
    undo = left(fhir, gone, truth, expect)
    try:
        reply = undo.settled(lambda: restricted.read("Patient", gone), lambda seen: seen.status != _OK)
        _unknown(restricted, gone, reply, truth, expect)
        for seen in (
            restricted.search("Patient", _id=gone),
            *restricted.pages(older, 10),
            restricted.search("Patient", _count=100),
        ):
            answered(seen, expect)
            expect.that(
                seen is older or gone not in match_ids(seen, "Patient"),
                expected="not found any more",
                seen=f"Patient/{gone}",
                evidence=[seen],
            )
        _not_exported(restricted, gone, expect)
    finally:
        undo.undone()
        undo.settled(lambda: restricted.read("Patient", gone), lambda seen: seen.status == _OK)


@probe(
    "L4-36",
    level=4,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L4-36",),
    title=Text(fr="Le refus l'emporte sur l'autorisation", en="Deny overrides permit"),
    failure=Text(
        fr="Un patient autorisé par une règle et refusé par une autre est vu.",
        en="A patient permitted by one rule and denied by another is seen.",
    ),
    remedy=Text(
        fr="Retrancher ce que refuse une règle après avoir réuni ce qu'autorisent les autres.",
        en="Take away what one rule denies after joining what the others permit.",
    ),
)
def deny_overrides(fhir: FhirClient, research: FhirClient, truth: Truth, expect: Expect) -> None:
    """Read a patient who objects to secondary use as the identity that is open to everybody else."""
    canary = planted(truth, expect)
    denied = canary.inside(OPPOSED)[0]
    permitted = research.read("Patient", canary.inside()[1])
    if permitted.status != _OK or fhir.read("Patient", denied).status != _OK:
        expect.name(permitted)
        expect.skip(
            f"L'identité de recherche ne lit pas un patient qui ne s'oppose à rien ({status_of(permitted)}).",
            f"The research identity does not read a patient who objects to nothing ({status_of(permitted)}).",
        )
    _unknown(research, denied, research.read("Patient", denied), truth, expect)
    found = research.search("Patient", _id=f"{denied},{canary.inside()[1]}")
    answered(found, expect)
    expect.that(
        denied not in match_ids(found, "Patient"),
        expected="not found",
        seen=f"Patient/{denied}",
        evidence=[found],
    )


@probe(
    "L4-37",
    level=4,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L4-37",),
    title=Text(fr="Patient que ne désigne aucune règle", en="Patient matched by no rule"),
    failure=Text(
        fr="Un patient sans étiquette ni groupe est vu : l'absence de règle ouvre.",
        en="A patient with no label and in no group is seen: the absence of a rule opens.",
    ),
    remedy=Text(
        fr="Ne montrer que ce qu'une règle autorise ; ce que rien ne désigne reste caché.",
        en="Show only what a rule permits; what nothing names stays hidden.",
    ),
)
def matched_by_no_rule(fhir: FhirClient, restricted: FhirClient, truth: Truth, expect: Expect) -> None:
    """Create a patient without any label, or take one of no group; the confined identity must not see it."""
    server = truth.subject.server
    confined = server.identity("restricted") if server else None
    if confined is None or not (confined.cohort_group or confined.inside or confined.outside):
        expect.skip(
            "L'identité restreinte ne déclare pas de cohorte (cohort_group, ou inside et outside).",
            "The restricted identity declares no cohort (cohort_group, or inside and outside).",
        )
    if server is not None and not server.read_only:
        value = identifier_of(truth, "L4-37")
        with created(fhir, expect, value) as unlabelled:
            _unseen(restricted, unlabelled.id, f"{SYSTEM}|{value}", truth, expect)
        return
    lone = sorted({*planted(truth, expect).inside(OPPOSED)})
    control = fhir.read("Patient", lone[0])
    expect.status(control, _OK)
    _unseen(restricted, lone[0], "", truth, expect)


def _unseen(client: FhirClient, id_: str, identifier: str, truth: Truth, expect: Expect) -> None:
    _unknown(client, id_, client.read("Patient", id_), truth, expect)
    searches = [{"_id": id_}, {"_count": "100"}, *([{"identifier": identifier}] if identifier else [])]
    for search in searches:
        found = client.search("Patient", search)
        answered(found, expect)
        expect.that(
            id_ not in match_ids(found, "Patient"),
            expected="not found",
            seen=f"Patient/{id_} by {next(iter(search))}",
            evidence=[found],
        )


def _unknown(client: FhirClient, id_: str, hidden: Reply, truth: Truth, expect: Expect) -> None:
    """Expect the answer that an id gets that never existed."""
    chance = truth.random(f"unknown {id_}")
    never = twin(id_, chance), twin(id_, chance)
    first, again = (client.read("Patient", one) for one in never)
    answered(hidden, expect)
    seen = difference(hidden, id_, (first, never[0]), (again, never[1]))
    expect.that(
        not seen and hidden.status != _OK,
        expected="the answer of an unknown Patient",
        seen=seen or status_of(hidden),
        evidence=[hidden, first],
    )


def _not_exported(client: FhirClient, gone: str, expect: Expect) -> None:
    """Expect an export ordered now, where one is taken, to be without the patient."""
    order = export(client, "$export?_type=Patient", _FEW_POLLS)
    for url in order.files:
        reply = fetched(client, url)
        ids = {str(one.get("id")) for one in lines(reply)}
        expect.that(
            gone not in ids,
            expected="not exported any more",
            seen=f"Patient/{gone}",
            evidence=[order.kickoff, reply],
        )
    cancelled(client, order)
