"""CLI-SYN-02: nothing is lost when data change while the application turns the pages of a search.

Rule of the laboratory; https://hl7.org/fhir/R4/search.html#currency (a search is not a transaction).
"""

from collections.abc import Sequence

from lab.api import SHALL, Exchange, Expect, Text, Truth, check
from lab.checks.traffic import played, searches, token_requests
from lab.checks.watermark import since, unchanging

_ACT = "pause-between-pages"
CLOCK_TOLERANCE_S = 1.5


@check(
    "CLI-SYN-02",
    expectation=SHALL,
    act=_ACT,
    requirements=("laboratory@no-loss-between-pages",),
    title=Text(fr="Rien de perdu entre deux pages", en="No loss at page boundaries"),
    failure=Text(
        fr="Ce qui change pendant que l'application tourne les pages ne sera jamais demandé.",
        en="What changes while the application turns the pages will never be asked for.",
    ),
    remedy=Text(
        fr="Repartir de l'heure du serveur à la première page de la recherche (ou d'avant, avec un "
        "recouvrement), jamais de l'heure de la dernière, et écarter les doublons par id et version.",
        en="Start again from the server's time at the first page of the search (or before it, with an "
        "overlap), never from that of the last one, and drop duplicates by id and version.",
    ),
)
def no_loss_between_pages(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """After a search of changes that lasted, the next one reaches back to its first page."""
    met = played(journal, _ACT, expect)
    paused = next((e for e in met if e.status == 429), None)
    if paused is None:
        expect.skip(
            "L'application n'a pas demandé la seconde page : la pause n'a pas pu être jouée.",
            "The application did not ask for the second page: the pause could not be played.",
        )
    first = max((e for e in met if e.t < paused.t), key=lambda e: e.t)
    found = searches(journal, truth, expect)
    asked = next((s for s in found if s.exchange.id == first.id), None)
    later = [s for s in found if s.exchange.t > paused.t and asked and unchanging(s) == unchanging(asked)]
    sorted_ = asked is not None and ("_sort", "_lastUpdated") in asked.parameters
    if asked is None or not later or sorted_:
        expect.skip(
            "La recherche n'a pas été refaite après la pause, ou ses pages suivent l'ordre des changements.",
            "The search was not repeated after the pause, or its pages follow the order of changes.",
        )
    began = first.t + _epoch(journal, expect)
    resumed = next((s for s in later if s.exchange.t > paused.t), later[0])
    reached = since(resumed)
    seen = "no bound in time" if reached is None else f"{reached - began:+.1f} s"
    expect.that(
        reached is None or reached <= began + CLOCK_TOLERANCE_S,
        expected="_lastUpdated no later than the first page of the search before",
        seen=seen,
        evidence=[first.id, paused.id, resumed.exchange.id],
    )


def _epoch(journal: Sequence[Exchange], expect: Expect) -> float:
    """Return what is added to the time of an exchange to get the hospital's clock."""
    received = [e for e in token_requests(journal, expect) if isinstance(e.facts.get("received"), int)]
    if not received:
        expect.skip(
            "L'heure de l'hôpital n'est pas au journal.", "The hospital's time is not in the journal."
        )
    return max(float(e.facts["received"]) - e.t for e in received)
