"""CLI-AUT: what the application does with tokens that live less, or open less, than usual.

Specs: RFC 6749 sections 3.3 (scope of the reply) and 5.1 (expires_in),
https://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html
"""

import math
from collections.abc import Sequence
from urllib.parse import parse_qsl

from lab.api import SHALL, SHOULD, Exchange, Expect, Text, Truth, check, parse_scopes
from lab.checks.traffic import answer, fhir_requests, played, token_requests

_SHORT, _FEWER = "short-token", "fewer-scopes"
_UNAUTHORIZED = 401
FEW_REQUESTS = 3


@check(
    "CLI-AUT-06",
    expectation=SHOULD,
    act=_SHORT,
    requirements=("laboratory@token-reused",),
    title=Text(fr="Jeton réutilisé", en="Token reused"),
    failure=Text(
        fr="L'application demande un jeton neuf bien avant la fin du précédent.",
        en="The application asks for a new token long before the previous one ends.",
    ),
    remedy=Text(
        fr="Garder le jeton et le renouveler peu avant la fin d'expires_in (à 80 % de sa durée), "
        "quelle que soit cette durée : une marge fixe d'une minute ne laisse rien d'un jeton d'une minute.",
        en="Keep the token and renew it shortly before expires_in ends (at 80 % of its life, for instance), "
        "whatever that life is; a fixed margin of one minute makes a token of one minute useless.",
    ),
)
def token_reused(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """While tokens live one minute, count them: one per life, one more, and one for each 401."""
    played(journal, _SHORT, expect)
    requests = fhir_requests(journal, truth, expect)
    short = [e for e in token_requests(journal, expect) if e.act == _SHORT]
    served = [e for e in requests if short and e.t > short[0].t]
    if len(served) < FEW_REQUESTS:
        expect.skip(
            f"L'observation s'est arrêtée {len(served)} requête(s) après le jeton d'une minute.",
            f"The watch ended {len(served)} request(s) after the token of one minute.",
        )
    life = _lifetime(short[0])
    duration = short[-1].t - short[0].t
    refused = sum(e.status == _UNAUTHORIZED for e in served if e.t <= short[-1].t)
    most = math.ceil(duration / life) + 1 + refused
    expect.that(
        len(short) <= most,
        expected=f"at most {most} tokens of {life:.0f} s in {duration:.0f} s",
        seen=str(len(short)),
        evidence=[e.id for e in short[:4]],
    )


@check(
    "CLI-AUT-10",
    expectation=SHALL,
    act=_FEWER,
    requirements=("laboratory@fewer-scopes",),
    title=Text(fr="Travaille avec moins de portées que demandé", en="Works with fewer scopes than asked"),
    failure=Text(
        fr="Le jeton ouvre moins que demandé, et l'application ne travaille plus avec ce qui lui reste.",
        en="The token opens less than was asked for, and the application no longer works with what is left.",
    ),
    remedy=Text(
        fr="Lire scope dans la réponse du serveur de jetons, continuer avec ce qui est accordé, et ne pas "
        "demander les types qui ne le sont pas.",
        en="Read scope in the reply of the token server, go on with what is granted, and do not ask for the "
        "types that are not.",
    ),
)
def works_with_less(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """With the narrower token, requests are answered; those of the withheld type are not insisted on."""
    begun = played(journal, _FEWER, expect)[0]
    narrow = [e for e in token_requests(journal, expect) if e.act == _FEWER and e.t > begun.t]
    if not narrow:
        expect.skip(
            "Après la révocation, l'application n'a pas demandé d'autre jeton.",
            "After the revocation the application asked for no other token.",
        )
    withheld = _types(_asked_scope(narrow[0])) - _types(str(answer(narrow[0]).get("scope", "")))
    if not withheld:
        expect.skip(
            "L'application ne demande qu'un type : rien ne pouvait lui être retenu.",
            "The application asks for one type only: nothing could be withheld from it.",
        )
    tokens = {str(answer(e).get("access_token")) for e in narrow}
    used = [
        e
        for e in fhir_requests(journal, truth, expect)
        if (e.request_header("authorization") or "").rpartition(" ")[2] in tokens
    ]
    working = [e for e in used if e.status in {200, 304}]
    expect.that(
        bool(working),
        expected="answered requests with the token that opens less",
        seen=f"{len(used)} requests with it, none answered",
        evidence=[begun.id, narrow[0].id, *(e.id for e in used[:2])],
    )
    base = truth.hospital["fhir"]
    insisting = [
        e for e in used if e.url.removeprefix(f"{base}/").partition("?")[0].split("/")[0] in withheld
    ]
    expect.should(
        len(insisting) <= 1,
        expected=f"{', '.join(sorted(withheld))} no longer asked for",
        seen=f"{len(insisting)} requests",
        evidence=[narrow[0].id, *(e.id for e in insisting[:3])],
    )


def _lifetime(token: Exchange) -> float:
    given = answer(token).get("expires_in")
    return float(given) if isinstance(given, int) and given > 0 else 60.0


def _asked_scope(token: Exchange) -> str:
    return dict(parse_qsl(token.request_body)).get("scope", "")


def _types(scope: str) -> set[str]:
    """Return the types that scopes open; those that cannot be read open none."""
    try:
        scopes = parse_scopes(scope)
    except ValueError:
        return set()
    return {type_ for type_, *_ in (*scopes.rights, *scopes.narrowed)}
