"""Level 4, specific resource: page links belong to one caller, cannot be rewritten, and show no gaps.

Spec: https://hl7.org/fhir/R4/http.html#paging; CWE-203, CWE-565, CWE-601, CWE-639.
"""

from urllib.parse import urlsplit

from lab.api import (
    CRITICAL,
    HIGH,
    MEDIUM,
    SERVER,
    Answers,
    Cohort,
    Expect,
    FhirClient,
    Reply,
    Text,
    Truth,
    Twins,
    probe,
    status_of,
)
from lab.checks.address import resolved, same_origin
from lab.checks.sample import match_ids
from lab.checks.security.border import border, crossed
from lab.checks.security.likeness import answered
from lab.checks.security.tampering import tampered
from lab.checks.statement import objects

_OK = 200
_REFUSED, _BROKEN = 400, 500
_PAGES = 12
_ELSEWHERE = "lab-elsewhere.example"
_SORTS = ("birthdate", "-birthdate", "family", "-family", "_id", "-_id")


@probe(
    "L4-25",
    level=4,
    severity=CRITICAL,
    role=SERVER,
    requirements=("five-levels@L4-25",),
    title=Text(fr="Lien de page rejoué par une autre application", en="Page link replayed by another client"),
    failure=Text(
        fr="Le lien de page d'une application donne ses résultats à une autre.",
        en="The page link of one application gives its results to another one.",
    ),
    remedy=Text(
        fr="Lier chaque lien de page à l'application qui l'a reçu, et répondre 403 ou 410 aux autres.",
        en="Tie every page link to the application that it was given to, and answer 403 or 410 to others.",
    ),
)
def replayed_link(
    restricted: FhirClient, other: FhirClient, cohort: Cohort, truth: Truth, expect: Expect
) -> None:
    """Follow the next link of one identity with the token of another; its own results are only a remark."""
    server = truth.subject.server
    identity = server.identity("other") if server else None
    own = frozenset(
        (truth.groups.get(identity.cohort_group, ()) if identity.cohort_group else identity.inside)
        if identity
        else ()
    )
    if not own or set(cohort.inside) <= own:
        expect.skip(
            "La cohorte de l'identité other n'est pas connue, ou contient celle de restricted.",
            "The cohort of the identity other is not known, or holds that of restricted.",
        )
    expect.status(restricted.get(_next(restricted.search("Patient", _count=2), restricted, expect)), _OK)
    for count in (1, 2):  # fresh links: one may serve once only
        first = restricted.search("Patient", _count=count)
        replayed = other.get(_next(first, restricted, expect))
        answered(replayed, expect)
        foreign = sorted(set(match_ids(replayed, "Patient")) - own)
        expect.that(
            not foreign,
            expected="HTTP 403 or 410",
            seen=f"{status_of(replayed)} with {len(foreign)} patients of another's cohort",
            evidence=[first, replayed],
        )
        expect.should(
            replayed.status >= _REFUSED,
            expected="HTTP 403 or 410",
            seen=f"{status_of(replayed)} with the caller's own results only",
            evidence=[first, replayed],
        )


@probe(
    "L4-26",
    level=4,
    severity=HIGH,
    role=SERVER,
    requirements=("five-levels@L4-26",),
    title=Text(fr="Lien de page falsifié", en="Page link tampering"),
    failure=Text(
        fr="Un lien de page réécrit est servi, ou sort de la cohorte.",
        en="A rewritten page link is served, or leaves the cohort.",
    ),
    remedy=Text(
        fr="Signer les liens de page, ou n'y mettre qu'un numéro tiré au hasard ; répondre 400 ou 410 à ce "
        "qui a été changé.",
        en="Sign page links, or put only a random number into them; answer 400 or 410 to what was changed.",
    ),
)
def rewritten_link(restricted: FhirClient, cohort: Cohort, truth: Truth, expect: Expect) -> None:
    """Rewrite what the link holds, readable or encoded, towards the outside; then single characters."""
    first = restricted.search("Patient", _count=2)
    link = _next(first, restricted, expect)
    expect.status(restricted.get(link), _OK)
    sides = border(cohort, truth)
    changes = list(tampered(link, cohort, truth))
    if not changes:
        expect.skip(
            "Le lien de page ne porte rien qui puisse être réécrit.",
            "The page link holds nothing that could be rewritten.",
        )
    for change in changes:
        reply = restricted.get(change.url)
        answered(reply, expect)
        seen = crossed(reply, sides)
        expect.that(
            not seen, expected="HTTP 400 or 410", seen=f"{seen} by {change.what}", evidence=[first, reply]
        )
        expect.should(
            reply.status >= _REFUSED or not change.opaque,
            expected="HTTP 400 or 410",
            seen=f"{status_of(reply)} with {change.what}, inside the cohort",
            evidence=[first, reply],
        )


@probe(
    "L4-27",
    level=4,
    severity=MEDIUM,
    role=SERVER,
    twins=True,
    requirements=("five-levels@L4-27",),
    title=Text(fr="Forme des pages", en="Page shape"),
    failure=Text(
        fr="Des pages incomplètes, ou différentes, disent ce qui a été retiré.",
        en="Pages that are short, or different, tell what was taken out.",
    ),
    remedy=Text(
        fr="Paginer sur la cohorte : filtrer dans la requête, jamais après elle.",
        en="Page on the cohort: filter inside the query, never after it.",
    ),
)
def page_shape(twins: Twins, expect: Expect) -> None:
    """Walk the pages of both instances: all but the last as full as the first, and the same in both."""
    for path in ("Patient?_count=3", "Patient?_count=2&_total=accurate"):
        pages = _walked(twins, path, expect)
        sizes = [len(match_ids(page.one, "Patient")) for page in pages]
        if pages[0].one.status != _OK or sum(sizes) == 0:
            expect.name(pages[0].one)
            expect.skip(
                f"La recherche paginée n'aboutit pas ({status_of(pages[0].one)}, {sum(sizes)} patients).",
                f"The paged search does not succeed ({status_of(pages[0].one)}, {sum(sizes)} patients).",
            )
        expect.that(
            all(size == sizes[0] for size in sizes[:-1]) and (len(sizes) == 1 or sizes[-1] > 0),
            expected=f"pages of {sizes[0]}",
            seen=f"pages of {', '.join(map(str, sizes))}",
            evidence=[page.one for page in pages[:4]],
        )


@probe(
    "L4-28",
    level=4,
    severity=MEDIUM,
    role=SERVER,
    twins=True,
    requirements=("five-levels@L4-28",),
    title=Text(fr="Trous de tri et de curseur", en="Sort and cursor gaps"),
    failure=Text(
        fr="L'ordre, ou les curseurs, d'une recherche triée disent ce qui est caché.",
        en="The order, or the cursors, of a sorted search tell what is hidden.",
    ),
    remedy=Text(
        fr="Trier et paginer sur la cohorte seule, et refuser le tri par un élément masqué.",
        en="Sort and page on the cohort alone, and refuse to sort by a masked element.",
    ),
)
def sort_gaps(twins: Twins, expect: Expect) -> None:
    """Walk sorted pages of both instances, in which different patients are hidden in between."""
    walks = [_walked(twins, f"Patient?_sort={sort}&_count=2", expect, pages=5) for sort in _SORTS]
    firsts = [walk[0].one for walk in walks]
    expect.name(*firsts)
    if not any(match_ids(first, "Patient") for first in firsts):
        statuses = ", ".join(dict.fromkeys(map(status_of, firsts)))
        if not all(_REFUSED <= first.status < _BROKEN for first in firsts):
            expect.skip(
                f"Aucune recherche triée n'a donné de patient ({statuses}).",
                f"No sorted search gave any patient ({statuses}).",
            )
        expect.omit(
            f"Aucun tri n'est servi à l'identité restreinte ({', '.join(_SORTS)} : {statuses}).",
            f"No sort is served to the restricted identity ({', '.join(_SORTS)}: {statuses}).",
        )


@probe(
    "L4-29",
    level=4,
    severity=MEDIUM,
    role=SERVER,
    requirements=("five-levels@L4-29",),
    title=Text(fr="Lien vers une autre origine", en="Off-origin next link"),
    failure=Text(
        fr="Un lien d'un Bundle mène à un autre hôte que celui du serveur.",
        en="A link of a Bundle leads to another host than that of the server.",
    ),
    remedy=Text(
        fr="Former les liens avec l'adresse configurée du serveur, sans croire les en-têtes de l'appelant.",
        en="Make links with the configured address of the server, without believing headers of the caller.",
    ),
)
def link_hosts(restricted: FhirClient, expect: Expect) -> None:
    """Read every link of pages asked plainly, and with headers that claim another host."""
    claims: tuple[dict[str, str], ...] = (
        {},
        {"X-Forwarded-Host": _ELSEWHERE, "X-Forwarded-Proto": "https"},
        {"Forwarded": f"host={_ELSEWHERE};proto=https"},
        {"X-Original-Host": _ELSEWHERE, "X-Host": _ELSEWHERE},
    )
    read = 0
    for claim in claims:
        reply = restricted.get("Patient", {"_count": 1}, headers=claim)
        if not claim:
            expect.status(reply, _OK)
        answered(reply, expect)
        urls = [link.get("url") for link in objects(reply.resource.get("link"))]
        urls += [entry.get("fullUrl") for entry in reply.entries]
        for url in (url for url in urls if isinstance(url, str) and not url.startswith("urn:")):
            read += 1
            expect.that(
                same_origin(restricted.base_url, resolved(f"{restricted.base_url}/", url)),
                expected=f"the host {urlsplit(restricted.base_url).netloc}",
                seen=url[:120],
                evidence=[reply],
            )
    if not read:
        expect.skip("Aucun lien dans les réponses.", "No link in the answers.")


def _next(first: Reply, client: FhirClient, expect: Expect) -> str:
    link = resolved(f"{client.base_url}/", first.link("next") or "")
    if not first.link("next") or not same_origin(client.base_url, link):
        expect.name(first)
        expect.skip(
            f"Aucun lien next sur le serveur lui-même ({status_of(first)}) : il faut plusieurs pages.",
            f"No next link on the server itself ({status_of(first)}): several pages are needed.",
        )
    return link


def _walked(twins: Twins, path: str, expect: Expect, pages: int = _PAGES) -> list[Answers]:
    """Return the pages of a search in both instances; expects them to be the same, page by page."""
    found = [twins.ask("GET", path)]
    while len(found) < pages:
        _same(found[-1], path, expect)
        links = [answer.link("next") for answer in found[-1].evidence]
        expect.that(
            (links[0] is None) == (links[1] is None),
            expected="the same number of pages in two worlds",
            seen=f"another end after page {len(found)} of {path}",
            evidence=found[-1].evidence,
        )
        followed = twins.follow(found[-1])
        if followed is None:
            break
        found.append(followed)
    _same(found[-1], path, expect)
    return found


def _same(answers: Answers, path: str, expect: Expect) -> None:
    for reply in answers.evidence:
        answered(reply, expect)
    expect.that(
        not answers.difference,
        expected="the same answer in two worlds",
        seen=f"{answers.difference} of {path}",
        evidence=answers.evidence,
    )
