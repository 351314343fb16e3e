"""CLI-SRC-08, CLI-SRC-09 and CLI-SYN-03: how the application reads: few reads, fair pages, no useless copy.

Specs: https://hl7.org/fhir/R4/search.html#count, https://hl7.org/fhir/R4/http.html#cread
"""

import re
from collections.abc import Sequence

from lab.api import SHOULD, Exchange, Expect, Text, Truth, check
from lab.checks.traffic import answer, fhir_requests, searches

READS_PER_ROW = 0.2
FEW_READS = 5
MOST_ROWS = 1000
LEAST_CONDITIONAL = 0.8
_READ = re.compile(r"/([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})")
_ANSWERED = frozenset({200, 304})

_PLAIN = ("/.well-known/", "/$")
"""Marks of addresses that answer plain JSON."""


@check(
    "CLI-SRC-08",
    expectation=SHOULD,
    requirements=("laboratory@no-read-per-row",),
    title=Text(fr="Pas une lecture par ligne", en="No N+1 reads"),
    failure=Text(
        fr="L'application lit une à une les ressources qu'une recherche lui aurait données ensemble.",
        en="The application reads one by one the resources that a search would have given it together.",
    ),
    remedy=Text(
        fr="Demander ensemble ce qui va ensemble : _id=a,b,c par POST _search, _include ou _elements, au "
        "lieu d'une lecture par ligne.",
        en="Ask together for what belongs together: _id=a,b,c by POST _search, _include or _elements, "
        "instead of one read per row.",
    ),
)
def no_read_per_row(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """Count the different resources that were read against the different rows that searches gave."""
    requests = fhir_requests(journal, truth, expect)
    rows = {row for exchange in requests for row in _rows(exchange)}
    if not rows:
        expect.skip("Aucune recherche n'a rendu de ligne.", "No search gave a row.")
    read: dict[str, str] = {}
    for exchange in requests:
        if resource := _read(exchange, truth):
            read.setdefault(resource, exchange.id)
    expect.name(*(exchange.id for exchange in requests[:1]), *list(read.values())[:3])
    expect.that(
        len(read) <= max(FEW_READS, READS_PER_ROW * len(rows)),
        expected=f"at most {READS_PER_ROW} reads per row",
        seen=f"{len(read)} resources read for {len(rows)} rows",
        evidence=list(read.values())[:3],
    )


@check(
    "CLI-SRC-09",
    expectation=SHOULD,
    requirements=("laboratory@fair-pages",),
    title=Text(fr="Taille de page et Accept raisonnables", en="Reasonable page size and Accept"),
    failure=Text(
        fr="L'application demande des pages démesurées, ou ne dit pas quel format elle attend.",
        en="The application asks for pages without measure, or does not say which format it expects.",
    ),
    remedy=Text(
        fr="Demander au plus 1000 lignes par page (_count) et envoyer Accept: application/fhir+json.",
        en="Ask for 1000 rows per page at most (_count) and send Accept: application/fhir+json.",
    ),
)
def fair_pages(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """Look at _count of every search, and at Accept (or _format) of every request."""
    for search in searches(journal, truth, expect):
        counts = [value for name, value in search.parameters if name == "_count"]
        expect.that(
            all(not value.isascii() or not value.isdigit() or int(value) <= MOST_ROWS for value in counts),
            expected=f"_count <= {MOST_ROWS}",
            seen=", ".join(counts),
            evidence=[search.exchange.id],
        )
    for exchange in _about_data(journal, truth, expect):
        accept = exchange.request_header("accept") or ""
        expect.that(
            "application/fhir+" in accept or "_format=" in exchange.url,
            expected="Accept: application/fhir+json",
            seen=accept or "no Accept",
            evidence=[exchange.id],
        )


@check(
    "CLI-SYN-03",
    expectation=SHOULD,
    requirements=("laboratory@conditional-reads",),
    title=Text(fr="Relectures conditionnelles", en="Conditional re-reads"),
    failure=Text(
        fr="L'application relit la même ressource sans dire quelle version elle tient déjà.",
        en="The application reads the same resource again without saying which version it holds.",
    ),
    remedy=Text(
        fr="Garder l'ETag de chaque ressource lue et le renvoyer dans If-None-Match : un 304 évite la copie.",
        en="Keep the ETag of each resource read and send it in If-None-Match: a 304 spares the copy.",
    ),
)
def conditional_reads(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """Of the reads of what was read before with an ETag, count those that name the version held."""
    held: set[str] = set()
    again: list[Exchange] = []
    for exchange in fhir_requests(journal, truth, expect):
        resource = _read(exchange, truth)
        if resource is None:
            continue
        if resource in held:
            again.append(exchange)
        if exchange.status in _ANSWERED and exchange.header("etag"):
            held.add(resource)
        elif exchange.status not in _ANSWERED:  # what could not be read is not held for certain
            held.discard(resource)
    if not again:
        expect.omit(
            f"Aucune ressource n'a été lue deux fois ({len(held)} lue(s) une fois).",
            f"No resource was read twice ({len(held)} read once).",
        )
    bare = [exchange.id for exchange in again if not exchange.request_header("if-none-match")]
    expect.name(*(exchange.id for exchange in again[:3]))
    expect.that(
        len(again) - len(bare) >= LEAST_CONDITIONAL * len(again),
        expected=f"If-None-Match on {LEAST_CONDITIONAL:.0%} of repeated reads",
        seen=f"{len(again) - len(bare)} of {len(again)}",
        evidence=bare[:3],
    )


def _read(exchange: Exchange, truth: Truth) -> str | None:
    """Return ``Type/id`` when the exchange is a read of it."""
    path = exchange.url.removeprefix(truth.hospital["fhir"]).partition("?")[0]
    return path.strip("/") if exchange.method == "GET" and _READ.fullmatch(path) else None


def _rows(exchange: Exchange) -> list[str]:
    """Return ``Type/id`` of every resource that a page gave."""
    whole = answer(exchange)
    entries = whole.get("entry") if whole.get("type") == "searchset" else None
    resources = (
        [e.get("resource") for e in entries if isinstance(e, dict)] if isinstance(entries, list) else []
    )
    return [f"{one.get('resourceType')}/{one.get('id')}" for one in resources if isinstance(one, dict)]


def _about_data(journal: Sequence[Exchange], truth: Truth, expect: Expect) -> list[Exchange]:
    """Return the requests for FHIR: the SMART configuration and the status of an export are plain JSON."""
    return [e for e in fhir_requests(journal, truth, expect) if not any(mark in e.url for mark in _PLAIN)]
