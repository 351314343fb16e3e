"""CLI-SYN-01: what changed is asked for since a time of the hospital, not of the application's own clock.

Rule of the laboratory; https://hl7.org/fhir/R4/search.html#lastUpdated
"""

from collections.abc import Sequence

from lab.api import SHOULD, Exchange, Expect, Text, Truth, check
from lab.checks.traffic import played, searches
from lab.checks.watermark import since, unchanging

_ACT = "slow-clock"
BEHIND_S = 30.0
"""How far behind the hospital's clock is during the act: a watermark of its own goes back by that much."""


@check(
    "CLI-SYN-01",
    expectation=SHOULD,
    act=_ACT,
    requirements=("laboratory@servers-clock",),
    title=Text(fr="Synchronisation incrémentale", en="Incremental synchronisation"),
    failure=Text(
        fr="L'application compte les changements selon sa propre horloge, non selon celle de l'hôpital.",
        en="The application counts changes by its own clock, not by the hospital's.",
    ),
    remedy=Text(
        fr="Demander _lastUpdated=ge avec l'heure de la réponse précédente (Bundle.meta.lastUpdated ou "
        "Date), moins un recouvrement ; l'horloge locale peut avancer.",
        en="Ask for _lastUpdated=ge with the time of the previous answer (Bundle.meta.lastUpdated or Date), "
        "minus an overlap; the local clock may be ahead.",
    ),
)
def servers_clock(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """After answers of a hospital whose clock is behind, the next search reaches no further than the first.

    The first and the last are compared: of two polls within a second, the times may well be the same.
    """
    interval = truth.subject.client.poll_interval_s if truth.subject.client else 0.0
    found = searches(journal, truth, expect)
    if not any(since(search) is not None for search in found):
        expect.omit(
            f"Aucune des {len(found)} recherches ne demande des changements (_lastUpdated).",
            f"None of the {len(found)} searches asks for changes (_lastUpdated).",
        )
    late = {exchange.id for exchange in played(journal, _ACT, expect)}
    asked = next((search for search in found if search.exchange.id in late), None)
    known = since(asked) if asked else None
    following = [
        search
        for search in found
        if asked and search.exchange.t > asked.exchange.t and unchanging(search) == unchanging(asked)
    ]
    past = next((n for n, one in enumerate(following) if one.exchange.id not in late), len(following))
    last = following[: past + 1][-1] if following else None
    reached = since(last) if last else None
    if asked is None or known is None or last is None or reached is None:
        expect.skip(
            "La recherche de changements n'a pas été refaite après la réponse en retard.",
            "The search of changes was not repeated after the answer that was behind.",
        )
    elapsed = last.exchange.t - asked.exchange.t
    if max(elapsed, interval) >= BEHIND_S:
        expect.skip(
            f"La recherche n'a été refaite que {elapsed:.0f} s plus tard : le retard de {BEHIND_S:.0f} s ne "
            "s'y voit plus.",
            f"The search was repeated {elapsed:.0f} s later only: the delay of {BEHIND_S:.0f} s no longer "
            "shows.",
        )
    expect.that(
        reached <= known,
        expected=f"a watermark that follows a hospital {BEHIND_S:.0f} s behind",
        seen=f"{reached - known:+.0f} s in {elapsed:.1f} s, as on the clock of the application",
        evidence=[asked.exchange.id, last.exchange.id],
    )
