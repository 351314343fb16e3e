"""CLI-NTK-02 and CLI-NTK-04: the application asks for what its purpose needs, of whom it is given.

Rules of the laboratory (security levels 3, 4 and 5).
"""

from collections.abc import Sequence

from lab.api import SHALL, Exchange, Expect, Interaction, Text, Truth, check
from lab.checks.granted import granted
from lab.checks.traffic import after, answer, fhir_requests, patients_asked, played

_LEAVES = "patient-leaves"
_INTERVALS = 2
_ON_TYPES = tuple(one for one in Interaction if one not in {Interaction.BATCH, Interaction.TRANSACTION})
_OK, _ATTRIBUTES = 200, 5


@check(
    "CLI-NTK-02",
    expectation=SHALL,
    requirements=("laboratory@declared-purpose",),
    title=Text(fr="Reste dans la finalité déclarée", en="Stays in the declared purpose"),
    failure=Text(
        fr="L'application a demandé un type ou un élément que sa finalité déclarée n'ouvre pas.",
        en="The application asked for a type or an element that its declared purpose does not open.",
    ),
    remedy=Text(
        fr="Ne demander que les types et les éléments que la Permission ouvre ; s'il en manque un, le faire "
        "ajouter à la Permission avec sa justification.",
        en="Ask only for the types and elements that the Permission opens; if one is missing, have it added "
        "to the Permission with its justification.",
    ),
)
def stays_in_the_purpose(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """Each type asked for is opened by the Permission; nothing is asked of what is masked."""
    opened = {type_ for one in _ON_TYPES for type_ in granted(truth, expect, one)}
    base = truth.hospital.get("fhir", "?")
    for exchange in fhir_requests(journal, truth, expect):
        type_ = exchange.url.removeprefix(f"{base}/").partition("?")[0].split("/")[0]
        about_a_type = type_[:1].isupper()
        expect.that(
            not about_a_type or type_ in opened or "*" in opened,
            expected=f"{', '.join(sorted(opened))}",
            seen=type_,
            evidence=[exchange.id],
        )
        masked = exchange.decision is not None and not exchange.decision.allow
        expect.that(
            not (masked and exchange.decision is not None and exchange.decision.level == _ATTRIBUTES),
            expected="nothing asked of masked elements",
            seen=exchange.decision.reason if exchange.decision else "",
            evidence=[exchange.id],
        )


@check(
    "CLI-NTK-04",
    expectation=SHALL,
    act=_LEAVES,
    requirements=("laboratory@shrinking-cohort",),
    title=Text(fr="Suit une cohorte qui se réduit", en="Follows a shrinking cohort"),
    failure=Text(
        fr="L'application continue de demander un patient qui a quitté sa cohorte.",
        en="The application goes on asking for a patient who left its cohort.",
    ),
    remedy=Text(
        fr="Quand l'hôpital ne montre plus un patient, le retirer de ce qui est redemandé à chaque cycle, et "
        "supprimer la copie locale.",
        en="When the hospital no longer shows a patient, take that one out of what is asked for at each "
        "cycle, and delete the local copy.",
    ),
)
def follows_the_cohort(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """Once an answer showed the patient no more, two poll intervals later nobody asks for that one."""
    left = played(journal, _LEAVES, expect)[0]
    patient = str(left.facts.get("about"))
    interval = truth.subject.client.poll_interval_s if truth.subject.client else 0.0
    requests = fhir_requests(journal, truth, expect)
    told = next((e for e in requests if e.t >= left.t and e.status == _OK and _without(e, patient)), None)
    since = (told or left).t + _INTERVALS * interval
    watched = max(e.t for e in requests)
    if watched < since:
        expect.skip(
            f"L'observation s'est arrêtée {watched - left.t:.1f} s après le départ du patient.",
            f"The watch ended {watched - left.t:.1f} s after the patient left.",
        )
    again = [e for e in after(requests, left) if e.t > since and patient in patients_asked(e)]
    expect.that(
        not again,
        expected=f"{patient} no longer asked for after {_INTERVALS} intervals of {interval:g} s",
        seen=f"{len(again)} requests",
        evidence=[left.id, *([told.id] if told else []), *(e.id for e in again[:3])],
    )


def _without(exchange: Exchange, patient: str) -> bool:
    """Tell whether the patient was asked for and not shown, and no page is left to show it."""
    whole = answer(exchange)
    shown = f'"{patient}"' in exchange.response_body
    return patient in patients_asked(exchange) and not shown and '"next"' not in str(whole.get("link"))
