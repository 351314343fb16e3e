"""CLI-NTK and CLI-SYN: the application asks only for what it needs, and not more often than agreed.

Rules of the laboratory.
"""

from collections.abc import Sequence
from itertools import pairwise

from lab.api import SHALL, Exchange, Expect, Interaction, Text, Truth, check, compartment
from lab.checks.granted import granted, members, unknown_in
from lab.checks.traffic import PATIENT, fhir_requests, patients_asked, searches

WATERMARKS = frozenset({"_lastUpdated", "date"})
SHARE_OF_INTERVAL = 0.5


@check(
    "CLI-NTK-01",
    expectation=SHALL,
    requirements=("laboratory@declared-cohort",),
    title=Text(fr="Reste dans la cohorte déclarée", en="Stays in the declared cohort"),
    failure=Text(
        fr="L'application a demandé un patient hors de sa cohorte, qu'aucune réponse ne lui avait nommé.",
        en="The application asked for a patient outside its cohort, whom no answer had named to it.",
    ),
    remedy=Text(
        fr="Ne demander que des patients nommés par une réponse de l'hôpital ; ne rien deviner.",
        en="Ask only for patients received in an answer of the hospital; never guess an id.",
    ),
)
def stays_in_the_cohort(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """Each patient asked for is in the cohort of a type about patients, or was named by an answer."""
    cohorts = [
        cohort
        for interaction in (Interaction.READ, Interaction.SEARCH_TYPE)
        for type_, cohort in granted(truth, expect, interaction).items()
        if _tells_of_patients(type_)
    ]
    if not cohorts or any(cohort.whole for cohort in cohorts):
        expect.omit(
            "La Permission de l'application ne la confine à aucune cohorte.",
            "The Permission of the application confines it to no cohort.",
        )
    if unknown := sorted({name for cohort in cohorts for name in unknown_in(cohort, truth)}):
        expect.skip(
            f"La composition de {', '.join(unknown)} n'est pas connue du laboratoire.",
            f"The members of {', '.join(unknown)} are not known to the laboratory.",
        )
    inside = frozenset().union(*(members(cohort, truth) for cohort in cohorts))
    named: set[str] = set()
    for exchange in fhir_requests(journal, truth, expect):
        strangers = sorted(set(patients_asked(exchange)) - inside - named)
        expect.that(
            not strangers,
            expected="patients of the cohort",
            seen=f"{len(strangers)} patient(s) outside, among them {strangers[:1]}",
            evidence=[exchange.id],
        )
        named |= set(PATIENT.findall(exchange.response_body))


@check(
    "CLI-SYN-04",
    expectation=SHALL,
    requirements=("laboratory@agreed-polling",),
    title=Text(fr="Pas de rafale d'interrogation", en="No polling storm"),
    failure=Text(
        fr="L'application répète la même question plus souvent que convenu.",
        en="The application repeats the same question more often than agreed.",
    ),
    remedy=Text(
        fr="Respecter l'intervalle déclaré dans le manifeste (client.poll_interval_s).",
        en="Respect the interval declared in the manifest (client.poll_interval_s).",
    ),
)
def no_polling_storm(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """Two answered searches that differ by their watermark only are half an interval apart at least."""
    interval = truth.subject.client.poll_interval_s if truth.subject.client else 0.0
    least = SHARE_OF_INTERVAL * interval
    asked: dict[tuple[object, ...], list[Exchange]] = {}
    for search in searches(journal, truth, expect):
        constant = tuple(sorted(pair for pair in search.parameters if pair[0] not in WATERMARKS))
        if search.exchange.status == 200:
            asked.setdefault((search.type, constant), []).append(search.exchange)
    if not any(len(times) > 1 for times in asked.values()):
        expect.skip("Aucune recherche n'a été répétée.", "No search was repeated.")
    for exchanges in asked.values():
        for earlier, later in pairwise(exchanges):
            expect.that(
                later.t - earlier.t >= least,
                expected=f">= {least:.2f} s",
                seen=f"{later.t - earlier.t:.2f} s",
                evidence=[earlier.id, later.id],
            )


def _tells_of_patients(type_: str) -> bool:
    """Tell whether resources of the type are about patients; Groups and Lists only name them."""
    return type_ == "Patient" or type_ in compartment("Patient").keys() - {"Group", "List"}
