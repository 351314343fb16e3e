"""SRV-PAG: the pages of a search, on a search whose whole result is known.

Specs: https://hl7.org/fhir/R4/http.html#paging, https://hl7.org/fhir/R4/search.html#count
"""

from collections import Counter

from lab.api import SHALL, Expect, FhirClient, Reply, Text, check
from lab.checks.address import is_absolute, same_origin
from lab.checks.sample import KnownSet, known_set, match_ids
from lab.checks.wording import quoted

OK = 200
PER_PAGE = 2
MOST_PAGES = 30
LINKS_FOLLOWED = 3


@check(
    "SRV-PAG-01",
    expectation=SHALL,
    requirements=("fhir-r4@search-count", "fhir-r4@http-paging"),
    title=Text(fr="Les pages forment l'ensemble", en="Paging is complete"),
    failure=Text(
        fr="Les pages d'une recherche ne rendent pas chaque ressource une fois, ou dépassent _count.",
        en="The pages of a search do not give each resource once, or exceed _count.",
    ),
    remedy=Text(
        fr="Rendre au plus _count résultats par page, et par les liens next chaque résultat une seule fois.",
        en="Return at most _count matches per page, and by the next links each match exactly once.",
    ),
)
def pages_are_complete(fhir: FhirClient, expect: Expect) -> None:
    """Compare the matches of all pages with those of a search in one page.

    Paging is recommended, not required: a server without it gets a remark.
    """
    known = known_set(fhir, expect)
    pages = _pages(fhir, _first(fhir, known))
    for page in pages:
        expect.status(page, OK)
        size = len(match_ids(page, known.type))
        expect.that(
            size <= PER_PAGE,
            expected=f"at most {PER_PAGE} matches",
            seen=f"{size} matches",
            evidence=[page],
        )
    if len(pages) == 1 and pages[0].link("next") is None:
        expect.should(False, expected="a next link", seen="none: no paging", evidence=[pages[0]])
        return
    last = pages[-1].link("next")
    if last is not None and not same_origin(fhir.base_url, last):
        expect.skip(
            "Un lien next mène hors du serveur : voir SRV-PAG-02.",
            "A next link leads away from the server: see SRV-PAG-02.",
        )
    counts = Counter(id_ for page in pages for id_ in match_ids(page, known.type))
    twice = sum(1 for times in counts.values() if times > 1)
    missing, extra = len(known.ids - counts.keys()), len(counts.keys() - known.ids)
    expect.that(
        not twice and not missing and not extra,
        expected=f"each of the {len(known.ids)} matches once",
        seen=f"{missing} missing, {twice} more than once, {extra} others",
        evidence=[known.reply, *pages[-6:]],
    )


@check(
    "SRV-PAG-02",
    expectation=SHALL,
    requirements=("fhir-r4@http-paging-links",),
    title=Text(fr="Le lien next marche tel quel", en="Next links work as given"),
    failure=Text(
        fr="Un lien next est relatif, mène ailleurs que sur le serveur, ou ne marche pas tel quel.",
        en="A next link is relative, leads elsewhere than to the server, or does not work as given.",
    ),
    remedy=Text(
        fr="Écrire les liens de page en URL absolue, avec le schéma, l'hôte et le port publics du serveur.",
        en="Write page links as absolute URLs, with the public scheme, host and port of the server.",
    ),
)
def next_links_work(fhir: FhirClient, expect: Expect) -> None:
    """Follow next links as they are; one that leads to another origin is never followed."""
    known = known_set(fhir, expect)
    page = _first(fhir, known)
    expect.status(page, OK)
    _omit_without_paging(expect, page)
    for _ in range(LINKS_FOLLOWED):
        url = page.link("next")
        if url is None:
            break
        expect.that(is_absolute(url), expected="an absolute next link", seen=quoted(url), evidence=[page])
        expect.that(
            same_origin(fhir.base_url, url),
            expected=f"a next link to the origin of {fhir.base_url}",
            seen=quoted(url),
            evidence=[page],
        )
        page = fhir.get(url)
        expect.status(page, OK)
        expect.that(page.type == "Bundle", expected="a Bundle", seen=quoted(page.type), evidence=[page])


@check(
    "SRV-PAG-03",
    expectation=SHALL,
    requirements=("fhir-r4@search-count-zero", "fhir-r4@search-total"),
    title=Text(fr="Fin des pages et totaux", en="End of paging and totals"),
    failure=Text(
        fr="La dernière page a un lien next, _count=0 rend plus que le total, ou un total est faux.",
        en="The last page has a next link, _count=0 gives more than the total, or a total is wrong.",
    ),
    remedy=Text(
        fr="Pas de next sur la dernière page ; à _count=0, le total sans entrée ni lien de page.",
        en="No next on the last page; for _count=0, the total without entries or page links.",
    ),
)
def paging_ends(fhir: FhirClient, expect: Expect) -> None:
    """Go to the last page, look at every total, then ask for the count alone."""
    known = known_set(fhir, expect)
    pages = _pages(fhir, _first(fhir, known))
    for page in pages:
        _total(expect, page, known)
    last = pages[-1]
    onward = last.link("next")
    if last.status == OK and (onward is None or same_origin(fhir.base_url, onward)):
        seen = f"a next link on page {len(pages)}"
        expect.that(onward is None, expected="an end of the pages", seen=seen, evidence=[last])
    count = fhir.search(known.type, known.parameters, _count=0)
    expect.status(count, OK)
    entries = len(match_ids(count, known.type))
    expect.that(entries == 0, expected="no match for _count=0", seen=f"{entries} matches", evidence=[count])
    links = [relation for relation in ("next", "previous", "prev", "last") if count.link(relation)]
    expect.that(not links, expected="no page link for _count=0", seen=", ".join(links), evidence=[count])
    expect.that("total" in count.resource, expected="a total for _count=0", seen="no total", evidence=[count])
    _total(expect, count, known)


def _first(fhir: FhirClient, known: KnownSet) -> Reply:
    return fhir.search(known.type, known.parameters, _count=PER_PAGE)


def _pages(fhir: FhirClient, first: Reply) -> list[Reply]:
    """Return the pages in order, as far as links lead on the server itself and to a page not seen yet."""
    pages, seen = [first], {first.url}
    while len(pages) < MOST_PAGES and pages[-1].status == OK:
        url = pages[-1].link("next")
        if url is None or url in seen or not same_origin(fhir.base_url, url):
            break
        seen.add(url)
        pages.append(fhir.get(url))
    return pages


def _omit_without_paging(expect: Expect, page: Reply) -> None:
    if page.link("next") is None:
        expect.name(page)
        expect.omit(
            f"Le serveur ne pagine pas : aucun lien next à _count={PER_PAGE}.",
            f"The server does not page: no next link at _count={PER_PAGE}.",
        )


def _total(expect: Expect, page: Reply, known: KnownSet) -> None:
    """Bundle.total is optional; where it stands it is the number of matches of the whole search."""
    if "total" in page.resource:
        total = page.resource["total"]
        expect.that(
            total == len(known.ids) and not isinstance(total, bool),
            expected=f"total {len(known.ids)}",
            seen=quoted(total),
            evidence=[page],
        )
