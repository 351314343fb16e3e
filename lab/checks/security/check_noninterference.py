"""State non-interference: whatever is asked, two worlds that differ only in what is hidden answer the same.

Sources: five-levels reference, P2 and section 8; arXiv 2407.01688 (differential random testing).
"""

from lab.api import CRITICAL, SERVER, Answers, Expect, Text, Truth, Twins, difference, probe
from lab.checks.security.random_requests import Asked, draw
from lab.checks.security.request_words import words

_REFUSED, _BROKEN, _NOT_IMPLEMENTED = 400, 500, 501
_PAGES = 2
_SAMPLE = 8


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
def state_non_interference(twins: Twins, truth: Truth, expect: Expect) -> None:
    """Send random requests to both worlds, follow their pages, and compare every answer."""
    chance = truth.random("P-02")
    known = words(twins.one, truth)
    asked = answered = 0
    while asked < truth.requests:
        request = draw(known, chance)
        answers: Answers | None = _ask(twins, request)
        for page in range(_PAGES):
            if answers is None:
                break
            asked += 1
            answered += answers.one.status < _REFUSED
            _same(twins, request, answers, expect, page)
            answers = twins.follow(answers)
        if asked <= _SAMPLE and answers is not None:
            expect.name(*answers.evidence)
    if not answered:
        expect.skip(
            f"Les {asked} requêtes aléatoires ont toutes été refusées : rien n'a pu être comparé.",
            f"All {asked} random requests were refused: there was nothing to compare.",
        )


def _ask(twins: Twins, request: Asked) -> Answers:
    return twins.ask(request.method, request.path, headers=request.headers, body=request.body)


def _same(twins: Twins, request: Asked, answers: Answers, expect: Expect, page: int) -> None:
    broken = [reply for reply in answers.evidence if _is_broken(reply.status)]
    where = f"{request}" + (f", page {page + 1}" if page else "")
    if answers.difference and not broken and not page and not _steady(twins, request, answers):
        return
    # Said only when it is wrong: thousands of answers that are right are no evidence that anybody could read.
    if answers.difference:
        expect.that(
            False,
            expected="the same answer in two worlds",
            seen=f"{answers.difference} by {where}",
            evidence=answers.evidence,
        )
    if broken:
        expect.that(
            False,
            expected="an answer or a refusal",
            seen=f"HTTP {answers.one.status} by {where}",
            evidence=answers.evidence,
        )


def _steady(twins: Twins, request: Asked, answers: Answers) -> bool:
    """Tell whether the difference is there again, and each instance answers as it did: else it is no leak."""
    again = _ask(twins, request)
    pairs = ((answers.one, again.one, twins.one), (answers.two, again.two, twins.two))
    moved = [difference((first, at.base_url), (second, at.base_url)) for first, second, at in pairs]
    return bool(again.difference) and not any(moved)


def _is_broken(status: int) -> bool:
    return status == 0 or (status >= _BROKEN and status != _NOT_IMPLEMENTED)
