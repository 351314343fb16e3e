"""CLI-SRC: how the application copes with pages that are odd, but allowed.

Specs: https://hl7.org/fhir/R4/http.html#paging, https://hl7.org/fhir/R4/search.html#count
"""

from collections.abc import Sequence
from itertools import groupby

from lab.api import SHALL, Exchange, Expect, Text, Truth, check
from lab.checks.traffic import after, answer, fhir_requests, links, played

_CYCLE, _EMPTY, _MINGLED = "next-cycle", "empty-page", "search-outcome"
MOST_REPEATS = 2
_ANSWERED = frozenset({200, 304})


@check(
    "CLI-SRC-03",
    expectation=SHALL,
    act=_CYCLE,
    requirements=("laboratory@paging-ends",),
    title=Text(fr="Arrête la pagination", en="Ends paging"),
    failure=Text(
        fr="L'application tourne en rond quand un lien next ramène à une page déjà lue.",
        en="The application goes round in circles when a next link leads back to a page that was read.",
    ),
    remedy=Text(
        fr="Retenir les URL de page déjà suivies dans une recherche et s'arrêter à la première répétition, "
        "avec un message ; s'arrêter aussi quand next manque.",
        en="Remember the page URLs already followed in a search and stop at the first repetition, with a "
        "message; stop as well when next is missing.",
    ),
)
def paging_ends(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """A page whose next link is its own address is not asked for again and again; work goes on."""
    met = played(journal, _CYCLE, expect)
    requests = fhir_requests(journal, truth, expect)
    around = [e for e in requests if met[0].t <= e.t <= met[-1].t]
    runs = [list(same) for _, same in groupby(around, key=lambda e: (e.method, e.url, e.request_body))]
    longest = max(runs, key=len)
    expect.that(
        len(longest) <= MOST_REPEATS,
        expected="the same page at most twice in a row",
        seen=f"{len(longest)} times",
        evidence=[e.id for e in longest[:4]],
    )
    going_on = [e for e in after(requests, met[-1]) if e.status in _ANSWERED]
    expect.that(
        bool(going_on),
        expected="work goes on after the cycle",
        seen="no answered request",
        evidence=[met[-1].id],
    )


@check(
    "CLI-SRC-04",
    expectation=SHALL,
    act=_EMPTY,
    requirements=("laboratory@odd-pages",),
    title=Text(fr="Accepte les pages inégales", en="Odd pages accepted"),
    failure=Text(
        fr="Une page vide, courte ou sans total arrête l'application avant la fin de la recherche.",
        en="A page that is empty, short or without a total stops the application before the search ends.",
    ),
    remedy=Text(
        fr="Se fier au seul lien next pour savoir s'il reste des pages : ni au nombre de lignes, ni à total, "
        "que le serveur peut omettre.",
        en="Trust the next link alone to know whether pages are left: neither the number of rows nor total, "
        "which the server may leave out.",
    ),
)
def odd_pages(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """The next link of a page without rows and without a total is asked for like any other."""
    page = played(journal, _EMPTY, expect)[-1]
    following = after(fhir_requests(journal, truth, expect), page)
    if not following:
        expect.skip("L'observation s'est arrêtée sur cette page.", "The watch ended on that page.")
    given = links([page], "next")
    expect.that(
        any(e.url in given for e in following),
        expected="the next link of an empty page is asked for",
        seen="never asked for",
        evidence=[page.id, following[0].id],
    )


@check(
    "CLI-SRC-05",
    expectation=SHALL,
    act=_MINGLED,
    requirements=("laboratory@entry-modes",),
    title=Text(fr="Distingue les rôles des entrées", en="Tells entry roles apart"),
    failure=Text(
        fr="L'application prend pour un résultat une entrée qui n'en est pas un, ou s'arrête en la voyant.",
        en="The application takes for a result an entry that is none, or stops when it sees one.",
    ),
    remedy=Text(
        fr="Lire entry.search.mode : match est un résultat, include l'accompagne, outcome est un message du "
        "serveur à journaliser.",
        en="Read entry.search.mode: match is a result, include comes along with it, outcome is a message of "
        "the server to put in the log.",
    ),
)
def tells_entries_apart(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """What came as include or outcome is not asked for as if it were of the type that was searched."""
    page = played(journal, _MINGLED, expect)[-1]
    base = truth.hospital["fhir"]
    type_ = page.url.removeprefix(f"{base}/").partition("?")[0].split("/")[0]
    following = after(fhir_requests(journal, truth, expect), page)
    strangers = [id_ for mode, id_ in _entries(page) if mode in {"include", "outcome"}]
    mistaken = [
        e
        for e in following
        if e.url.removeprefix(f"{base}/").startswith(type_)
        and any(id_ in f"{e.url} {e.request_body}" for id_ in strangers)
    ]
    expect.that(
        not mistaken,
        expected=f"only matches are taken for {type_}",
        seen=f"{len(mistaken)} requests for what came as include or outcome",
        evidence=[page.id, *(e.id for e in mistaken[:3])],
    )
    if not following:
        expect.skip("L'observation s'est arrêtée sur cette page.", "The watch ended on that page.")
    expect.that(
        any(e.status in _ANSWERED for e in following),
        expected="work goes on",
        seen="no answered request",
        evidence=[page.id],
    )


def _entries(page: Exchange) -> list[tuple[str, str]]:
    """Return the search mode and the id of each entry of a page."""
    entries = answer(page).get("entry")
    found = [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    return [(_text(entry.get("search"), "mode"), _text(entry.get("resource"), "id")) for entry in found]


def _text(node: object, name: str) -> str:
    value = node.get(name) if isinstance(node, dict) else None
    return value if isinstance(value, str) else ""
