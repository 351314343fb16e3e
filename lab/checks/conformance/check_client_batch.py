"""CLI-ERR: a batch whose entries have different ends.

Spec: https://hl7.org/fhir/R4/http.html#transaction-response
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

import orjson

from lab.api import SHALL, Exchange, Expect, Text, Truth, check
from lab.checks.statement import objects, part
from lab.checks.traffic import after, answer, fhir_requests, played

_ACT = "mixed-batch"


@check(
    "CLI-ERR-09",
    expectation=SHALL,
    act=_ACT,
    requirements=("laboratory@batch-entry-by-entry",),
    title=Text(fr="Erreurs dans une réponse de batch", en="Errors inside a batch response"),
    failure=Text(
        fr="L'application ne lit pas le statut de chaque entrée d'une réponse de batch.",
        en="The application does not read the status of each entry of a batch response.",
    ),
    remedy=Text(
        fr="Lire response.status de chaque entrée : garder celles qui ont réussi, redemander plus tard "
        "celles en 429, ne pas répéter celles en 403.",
        en="Read response.status of each entry: keep those that succeeded, ask later for those with 429, do "
        "not repeat those with 403.",
    ),
)
def entry_by_entry(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """What was refused is not asked again, what had to wait is."""
    requests = fhir_requests(journal, truth, expect)
    batches = [e for e in requests if _is_batch(e, truth)]
    if not batches:
        expect.omit(
            f"L'application n'a envoyé aucun batch : {len(requests)} demandes observées, aucune en POST "
            "sur la base.",
            f"The application sent no batch: {len(requests)} requests were seen, none a POST to the base.",
        )
    mixed = played(journal, _ACT, expect)[-1]
    asked = _asked(mixed, truth)
    refused, busy = (_with_status(mixed, asked, status) for status in ("403", "429"))
    following = [(e, _asked(e, truth)) for e in after(requests, mixed)]
    repeated = [e for e, urls in following if refused & set(urls)]
    expect.that(
        not repeated,
        expected="the entry with 403 is not asked again",
        seen=f"asked again {len(repeated)} times",
        evidence=[mixed.id, *(e.id for e in repeated[:3])],
    )
    expect.that(
        any(busy & set(urls) for _, urls in following),
        expected="the entry with 429 is asked again",
        seen=f"not among the {len(following)} requests that follow",
        evidence=[mixed.id],
    )
    whole = [e for e, urls in following if len(asked) > 1 and set(asked) <= set(urls)]
    expect.should(
        not whole,
        expected="only what failed is asked again",
        seen="the whole batch is sent again",
        evidence=[e.id for e in whole[:1]],
    )


def _is_batch(exchange: Exchange, truth: Truth) -> bool:
    base = urlsplit(truth.hospital["fhir"]).path.strip("/")
    return exchange.method == "POST" and urlsplit(exchange.url).path.strip("/") == base


def _asked(exchange: Exchange, truth: Truth) -> list[str]:
    """Return what a request asks for, relative to the base: its own address, or those of its entries."""
    if not _is_batch(exchange, truth):
        return [_relative(exchange.url, truth)]
    try:
        bundle = orjson.loads(exchange.request_body)
    except orjson.JSONDecodeError:
        return []
    urls = (
        part(entry, "request").get("url")
        for entry in objects(bundle.get("entry") if isinstance(bundle, dict) else None)
    )
    return [_relative(str(url), truth) for url in urls]


def _with_status(batch: Exchange, asked: Sequence[str], status: str) -> set[str]:
    entries = objects(answer(batch).get("entry"))
    return {
        url
        for url, entry in zip(asked, entries, strict=False)
        if str(part(entry, "response").get("status")).startswith(status)
    }


def _relative(url: str, truth: Truth) -> str:
    return url.removeprefix(truth.hospital["fhir"]).strip("/")
