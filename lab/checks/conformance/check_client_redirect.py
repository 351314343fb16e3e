"""CLI-ERR: what the application does when it is sent elsewhere.

Spec: https://www.rfc-editor.org/rfc/rfc9110#section-15.4
"""

from collections.abc import Sequence
from urllib.parse import unquote

from lab.api import SHOULD, Exchange, Expect, Text, Truth, check
from lab.checks.traffic import after, fhir_requests, played

_HERE, _AWAY = "redirected", "redirected-away"


@check(
    "CLI-ERR-11",
    expectation=SHOULD,
    act=(_HERE, _AWAY),
    requirements=("laboratory@redirects",),
    title=Text(fr="Redirections", en="Redirects"),
    failure=Text(
        fr="L'application suit mal une redirection.",
        en="The application follows a redirect badly.",
    ),
    remedy=Text(
        fr="Sur 307 et 308, refaire la même demande avec la même méthode et le même corps, à la même origine "
        "seulement : le jeton ne va nulle part ailleurs.",
        en="On 307 and 308 send the same request with the same method and body, to the same origin only: the "
        "token goes nowhere else.",
    ),
)
def follows_within_the_origin(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """A 307 to the same origin is followed with its method and body; a 308 to another host is not."""
    away = played(journal, _AWAY, expect)[-1]
    target = _place(away)
    strangers = [e for e in journal if e.facts.get("decoy") and e.t > away.t and _same_place(e.url, target)]
    expect.that(
        not strangers,
        expected="a redirect to another host is not followed",
        seen="the other host was called",
        evidence=[away.id, *(e.id for e in strangers[:3])],
    )
    moved = played(journal, _HERE, expect)[-1]
    target = _place(moved)
    followed = [e for e in after(fhir_requests(journal, truth, expect), moved) if _same_place(e.url, target)]
    expect.that(
        bool(followed),
        expected="the redirect to the same origin is followed",
        seen="its address was never called",
        evidence=[moved.id],
    )
    first = followed[0]
    expect.that(
        (first.method, first.request_body) == (moved.method, moved.request_body),
        expected=f"{moved.method} with the same body",
        seen=f"{first.method}, {len(first.request_body)} characters of body",
        evidence=[moved.id, first.id],
    )


def _place(exchange: Exchange) -> str:
    return exchange.header("location") or ""


def _same_place(url: str, target: str) -> bool:
    """Compare addresses however they are escaped."""
    return bool(target) and unquote(url) == unquote(target)
