"""The credentials of the application at the hospital: its cohort, the whole of it and nothing else.

Source: five-levels reference, L4-05, P2 and P4 (losing visible data is a patient-safety defect).
"""

from lab.api import CLIENT, CRITICAL, MAX_PAGES, Expect, FhirClient, Reply, Text, Truth, probe
from lab.checks.granted import members, unknown_in
from lab.checks.security.grant_terms import grant_terms
from lab.checks.security.listing import lists_exactly

_AT_ONCE = 150
_MAX_QUESTIONS = 10
_OK = 200
_POOLS = frozenset({"Group", "List"})
"""These are in a cohort by their members, or by their own names."""


@probe(
    "L4-05-C",
    level=4,
    severity=CRITICAL,
    role=CLIENT,
    requirements=("five-levels@L4-05",),
    title=Text(fr="Recherche sans filtre", en="Unfiltered search"),
    failure=Text(
        fr="Une recherche sans filtre ne donne pas exactement la cohorte de l'application.",
        en="A search without a filter does not give exactly the cohort of the application.",
    ),
    remedy=Text(
        fr="Évaluer toute recherche sur la cohorte de la Permission : ni patient de trop, ni patient perdu.",
        en="Evaluate every search on the cohort of the Permission: no patient too many, no patient lost.",
    ),
)
def unfiltered_search(grant: FhirClient, hospital: FhirClient, truth: Truth, expect: Expect) -> None:
    """List the patients over every page; count the other confined types against the hospital's own data."""
    terms = grant_terms(truth, expect)
    confined = {t: c for t, c in terms.cohorts.items() if not c.whole and t not in _POOLS}
    if not confined:
        expect.omit(
            "La Permission ne confine aucun type lisible.",
            "The Permission confines no readable type.",
        )
    unknown = {type_: names for type_, cohort in confined.items() if (names := unknown_in(cohort, truth))}
    known = {t: tuple(sorted(members(c, truth))) for t, c in confined.items() if t not in unknown}
    if "Patient" in known:
        patients = frozenset(known["Patient"])
        lists_exactly(grant, patients, lambda found: found - patients, MAX_PAGES, expect)
    uncounted = [
        type_
        for type_, patients in known.items()
        if type_ != "Patient" and not _others(grant, hospital, type_, patients, expect)
    ]
    if unknown:
        pools = ", ".join(sorted({name for several in unknown.values() for name in several}))
        expect.skip(
            f"La composition de {pools} n'est pas connue du laboratoire ({', '.join(unknown)}).",
            f"The members of {pools} are not known to the laboratory ({', '.join(unknown)}).",
        )
    if uncounted:
        expect.skip(
            f"Ces types de la cohorte n'ont pas pu être comptés : {', '.join(uncounted)}.",
            f"These types of the cohort could not be counted: {', '.join(uncounted)}.",
        )


def _others(
    grant: FhirClient, hospital: FhirClient, type_: str, patients: tuple[str, ...], expect: Expect
) -> bool:
    """Compare the total of the view with those that the hospital holds; tell whether both could be had."""
    if len(patients) > _AT_ONCE * _MAX_QUESTIONS:
        return False
    seen = grant.search(type_, _summary="count")
    expect.status(seen, _OK)
    held = [
        hospital.search(type_, patient=",".join(patients[start : start + _AT_ONCE]), _summary="count")
        for start in range(0, len(patients), _AT_ONCE)
    ]
    totals = [_total(reply) for reply in (seen, *held)]
    if any(total is None for total in totals):
        return False
    view, *expected = [total or 0 for total in totals]
    expect.that(
        view == sum(expected),
        expected=f"{sum(expected)} {type_} of the cohort",
        seen=view,
        evidence=[seen, *held[:3]],
    )
    return True


def _total(reply: Reply) -> int | None:
    total = reply.resource.get("total")
    return total if isinstance(total, int) else None
