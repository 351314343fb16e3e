"""State non-interference: whatever is asked, two worlds that differ only in what is hidden answer the same.

Sources: five-levels reference, P2 and section 8; arXiv 2407.01688 (differential random testing).
"""

from collections.abc import Callable
from functools import partial

from lab.api import CRITICAL, SERVER, Answers, Expect, FhirClient, Text, Truth, Twins, difference, probe
from lab.checks.security.border import planted
from lab.checks.security.random_requests import draw
from lab.checks.security.request_words import words

_REFUSED, _BROKEN, _NOT_IMPLEMENTED = 400, 500, 501
_PAGES = 2


@probe(
    "P-02",
    level=None,
    severity=CRITICAL,
    role=SERVER,
    twins=True,
    requirements=("five-levels@P-02",),
    title=Text(fr="Non-interférence d'état", en="State non-interference"),
    failure=Text(
        fr="Une réponse dépend de données que l'identité ne doit pas voir.",
        en="An answer depends on data that the identity must not see.",
    ),
    remedy=Text(
        fr="Évaluer chaque partie de la requête (critères, tris, totaux, pages, inclusions) sur la seule vue "
        "de l'identité, masques compris ; la requête citée montre où ce n'est pas le cas.",
        en="Evaluate every part of the request (criteria, order, totals, pages, includes) on the view of the "
        "identity only, masks included; the request that is cited shows where it is not.",
    ),
)
def state_non_interference(fhir: FhirClient, twins: Twins, truth: Truth, expect: Expect) -> None:
    """Send random requests to both worlds, follow their pages, and compare every answer."""
    planted(truth, expect)
    chance = truth.random("P-02")
    known = words(fhir, twins.one, truth)
    asked = compared = unsteady = 0
    while asked < truth.requests:
        request = draw(known, chance)
        ask: Callable[[], Answers | None] = partial(
            twins.ask, request.method, request.path, headers=request.headers, body=request.body
        )
        for page in range(_PAGES):
            answers = ask()
            if answers is None:
                break
            asked += 1
            if answers.difference and not _lasts(twins, answers, ask()):
                unsteady += 1
                continue
            compared += answers.one.status < _REFUSED
            _same(answers, f"{request}, page {page + 1}" if page else str(request), expect)
            ask = partial(twins.follow, answers)
    if not compared:
        expect.skip(
            f"Rien n'a pu être comparé : sur {asked} requêtes aléatoires, {unsteady} réponses varient "
            "d'elles-mêmes et les autres sont des refus.",
            f"Nothing could be compared: of {asked} random requests {unsteady} answers vary by themselves, "
            "and the others are refusals.",
        )
    expect.should(
        not unsteady,
        expected="answers that do not vary by themselves",
        seen=f"{unsteady} of {asked} that do, and were not compared",
    )


def _same(answers: Answers, asked: str, expect: Expect) -> None:
    """Fail on a difference, or a breakdown; answers that are right are too many to be named as evidence."""
    if answers.difference:
        expect.that(
            False,
            expected="the same answer in two worlds",
            seen=f"{answers.difference} by {asked}",
            evidence=answers.evidence,
        )
    if any(_is_broken(reply.status) for reply in answers.evidence):
        expect.that(
            False,
            expected="an answer or a refusal",
            seen=f"HTTP {answers.one.status} by {asked}",
            evidence=answers.evidence,
        )


def _lasts(twins: Twins, answers: Answers, again: Answers | None) -> bool:
    """Tell whether a difference is there again while each instance answers as it did: else it is no leak."""
    if again is None or not again.difference:
        return False
    pairs = ((answers.one, again.one, twins.one), (answers.two, again.two, twins.two))
    return not any(difference((first, at.base_url), (second, at.base_url)) for first, second, at in pairs)


def _is_broken(status: int) -> bool:
    return status == 0 or (status >= _BROKEN and status != _NOT_IMPLEMENTED)
