"""CLI-SYN-05: killed and started again, the application resumes where it was.

Rule of the laboratory.
"""

from collections.abc import Sequence

from lab.api import SHOULD, Exchange, Expect, Text, Truth, check
from lab.checks.traffic import searches
from lab.checks.watermark import since, unchanging

LEAST_SPAN_S = 60.0
NEARER_THE_END = 0.5


@check(
    "CLI-SYN-05",
    expectation=SHOULD,
    requirements=("laboratory@resumes",),
    title=Text(fr="Reprend après un arrêt brutal", en="Resumes after a kill"),
    failure=Text(
        fr="Relancée après un arrêt brutal, l'application redemande tout depuis le début.",
        en="Started again after it was killed, the application asks for everything from the beginning.",
    ),
    remedy=Text(
        fr="Écrire sur disque, à chaque synchronisation réussie, l'heure du serveur jusqu'à laquelle tout "
        "est connu, et repartir de là au démarrage.",
        en="Write to disk, at each synchronisation that succeeds, the server's time up to which all is "
        "known, and start from there.",
    ),
)
def resumes(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """The first search of changes after the kill asks since the last time known, not since the first one."""
    killed = next((e for e in journal if e.facts.get("restarted")), None)
    if killed is None:
        expect.skip(
            "L'application n'a pas été arrêtée et relancée : il faut client.restartable = true et [start].",
            "The application was not killed and started again: client.restartable = true and [start] are "
            "needed.",
        )
    found = searches(journal, truth, expect)
    before = [search for search in found if search.exchange.t < killed.t and since(search) is not None]
    if not before:
        expect.omit(
            f"Aucune des {len(found)} recherches ne demande des changements (_lastUpdated).",
            f"None of the {len(found)} searches asks for changes (_lastUpdated).",
        )
    kinds = {unchanging(search) for search in before}
    first = next((s for s in found if s.exchange.t > killed.t and unchanging(s) in kinds), None)
    if first is None:
        expect.skip(
            "Relancée, l'application n'a pas refait sa recherche de changements à temps.",
            "Started again, the application did not repeat its search of changes in time.",
        )
    same = [search for search in before if unchanging(search) == unchanging(first)]
    known = sorted(moment for search in same if (moment := since(search)) is not None)
    span = known[-1] - known[0]
    if span < LEAST_SPAN_S:
        expect.skip(
            f"Ses recherches de changements ne s'étendent que sur {span:.0f} s : le début et la reprise s'y "
            "confondent.",
            f"Its searches of changes span {span:.0f} s only: beginning and resuming look the same.",
        )
    resumed = since(first)
    gone = (resumed - known[0]) / span if resumed is not None else 0.0
    expect.that(
        gone >= NEARER_THE_END,
        expected="_lastUpdated near that of the last search before the kill",
        seen="no bound in time" if resumed is None else f"{known[-1] - resumed:.0f} s before it",
        evidence=[same[-1].exchange.id, first.exchange.id],
    )
