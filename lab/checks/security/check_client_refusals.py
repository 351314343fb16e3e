"""What the application does when it is refused: 401, 403, 429 and 503, judged from the journal.

Sources: five-levels reference, K-04; RFC 6750, RFC 6585, RFC 9110; OWASP API4:2023.
"""

from collections.abc import Sequence
from itertools import pairwise
from urllib.parse import parse_qsl, urlsplit

from lab.api import CLIENT, HIGH, Exchange, Expect, Text, Truth, probe
from lab.checks.traffic import fhir_requests

_ACTS = ("revoked-token", "throttled", "outage", "forbidden")
_OK, _UNAUTHORIZED = 200, 401
_TOLERANCE = 0.8
_SHORTEST_PAUSE_S = 0.2
_LEAST_IN_ALL_S = 0.6
_MOST_TRIES = 7
_AT_ONCE_S = 1.0
_MOVING = frozenset({"_lastUpdated", "date"})


@probe(
    "K-04",
    level=None,
    severity=HIGH,
    role=CLIENT,
    act=_ACTS,
    requirements=("five-levels@K-04",),
    title=Text(fr="Réponses 401, 403, 429 et 503", en="Handling of 401, 403, 429 and 503"),
    failure=Text(
        fr="Refusée ou priée d'attendre, l'application insiste.",
        en="Refused or asked to wait, the application insists.",
    ),
    remedy=Text(
        fr="401 : prendre un seul jeton neuf ; 403 : ne pas répéter la requête ; 429 : attendre "
        "Retry-After ; 503 : espacer les essais de plus en plus, en petit nombre.",
        en="401: take one new token; 403: do not repeat the request; 429: wait for Retry-After; 503: space "
        "the tries more and more, and make few of them.",
    ),
)
def refusals(journal: tuple[Exchange, ...], truth: Truth, expect: Expect) -> None:
    """Judge each status where the gateway gave it."""
    requests = fhir_requests(journal, truth, expect)
    tokens = [e for e in journal if e.url.partition("?")[0] == truth.hospital.get("token")]
    played = {act: [e for e in requests if e.act == act and not e.facts.get("decoy")] for act in _ACTS}
    if played["revoked-token"]:
        _renews_once(played["revoked-token"][-1], requests, tokens, expect)
    if played["throttled"]:
        _waits(played["throttled"][-1], requests, expect)
    if played["outage"]:
        _backs_off(played["outage"], requests, expect)
    if played["forbidden"]:
        _leaves_alone(played["forbidden"][-1], requests, expect)
    missing = [act for act in _ACTS if not played[act]]
    if missing:
        expect.skip(
            f"Ces réponses n'ont pas pu être jouées, faute de requêtes : {', '.join(missing)}.",
            f"These answers could not be played, for want of requests: {', '.join(missing)}.",
        )


def _renews_once(
    refused: Exchange, requests: Sequence[Exchange], tokens: Sequence[Exchange], expect: Expect
) -> None:
    """Each 401 justifies one token; then work goes on."""
    answered = next((e for e in _after(refused, requests) if e.status == _OK), None)
    expect.that(
        answered is not None,
        expected="work goes on after a 401",
        seen="no answered request",
        evidence=[refused.id],
    )
    until = answered.t if answered else refused.t
    taken = [e for e in tokens if refused.t < e.t <= until and e.status == _OK]
    refusals = sum(e.status == _UNAUTHORIZED and refused.t <= e.t <= until for e in requests)
    expect.that(
        len(taken) <= refusals,
        expected=f"{refusals} new token(s) for {refusals} refused request(s)",
        seen=f"{len(taken)} tokens",
        evidence=[refused.id, *(e.id for e in taken[:4])],
    )


def _waits(refused: Exchange, requests: Sequence[Exchange], expect: Expect) -> None:
    delay = refused.header("retry-after") or ""
    least = _TOLERANCE * float(delay) if delay.isascii() and delay.isdigit() else 0.0
    early = [e for e in _after(refused, requests) if e.t - refused.t < least]
    expect.that(
        not early,
        expected=f"no request for {least:.1f} s after a 429",
        seen=f"{len(early)} requests",
        evidence=[refused.id, *(e.id for e in early[:3])],
    )


def _backs_off(refused: Sequence[Exchange], requests: Sequence[Exchange], expect: Expect) -> None:
    during = [e for e in requests if refused[0].t <= e.t <= refused[-1].t]
    following = _after(refused[-1], requests)[:1]
    tries = [*during, *following]
    pauses = [later.t - earlier.t for earlier, later in pairwise(tries)]
    spaced = not pauses or (min(pauses) >= _SHORTEST_PAUSE_S and sum(pauses) >= _LEAST_IN_ALL_S)
    expect.that(
        spaced and len(tries) <= _MOST_TRIES,
        expected=f"pauses >= {_SHORTEST_PAUSE_S} s after a 503, {_LEAST_IN_ALL_S} s in all",
        seen=", ".join(f"{pause:.2f} s" for pause in pauses),
        evidence=[e.id for e in tries[:5]],
    )


def _leaves_alone(refused: Exchange, requests: Sequence[Exchange], expect: Expect) -> None:
    """The same question with the same token is not asked again at once; a new token may change the answer."""
    again = [
        e
        for e in _after(refused, requests)
        if e.t - refused.t < _AT_ONCE_S
        and _question(e) == _question(refused)
        and e.request_header("authorization") == refused.request_header("authorization")
    ]
    expect.that(
        not again,
        expected="a request refused by 403 is not repeated at once",
        seen=f"{len(again)} times within {_AT_ONCE_S:.0f} s",
        evidence=[refused.id, *(e.id for e in again[:3])],
    )


def _after(refused: Exchange, requests: Sequence[Exchange]) -> list[Exchange]:
    """Return what was sent once the refusal had arrived: several requests may be under way at once."""
    arrived = refused.t + refused.latency_ms / 1000
    return [e for e in requests if e.t > arrived and e.id != refused.id]


def _question(exchange: Exchange) -> tuple[object, ...]:
    parts = urlsplit(exchange.url)
    pairs = [*parse_qsl(parts.query), *parse_qsl(exchange.request_body)]
    return exchange.method, parts.path, tuple(sorted(pair for pair in pairs if pair[0] not in _MOVING))
