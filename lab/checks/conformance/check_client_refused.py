"""CLI-ERR: what the application does after the hospital said no: 400, 403, 413, 422.

A 403 that is repeated at once is what K-04 notices; here it is judged what else the application then tries.
Specs: https://hl7.org/fhir/R4/http.html#general, https://www.rfc-editor.org/rfc/rfc9110#section-15.5
"""

from collections.abc import Sequence
from urllib.parse import parse_qs, urlsplit

from lab.api import SHALL, Exchange, Expect, Lookout, Text, Truth, check
from lab.checks.traffic import after, fhir_requests, played

_STRICT = "strict-errors"
_MARK = "lab-strict-error"
_TOO_LARGE = "too-large"
_SHARE_OF_INTERVAL = 0.8


@check(
    "CLI-ERR-05",
    expectation=SHALL,
    act="forbidden",
    requirements=("laboratory@no-way-round-403",),
    title=Text(fr="403 respecté", en="403 respected"),
    failure=Text(
        fr="Refusée par un 403, l'application cherche un autre chemin.",
        en="Refused by a 403, the application looks for a way round.",
    ),
    remedy=Text(
        fr="Après un 403, laisser ce type de ressource de côté : ne demander ni un périmètre plus large ni "
        "les mêmes données une par une.",
        en="After a 403 leave that resource type alone: ask neither for a wider scope nor for the same data "
        "one by one.",
    ),
)
def no_way_round(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """No scope that was not asked for before, no read by id of the type that was refused."""
    refused = played(journal, "forbidden", expect)[-1]
    tokens = [e for e in journal if e.url.partition("?")[0] == truth.hospital.get("token")]
    before = {scope for e in tokens if e.t <= refused.t for scope in _scopes(e)}
    for request in after(tokens, refused):
        wider = sorted(_scopes(request) - before)
        expect.that(
            not wider,
            expected="the scopes asked for before the 403, or fewer",
            seen=" ".join(wider),
            evidence=[refused.id, request.id],
        )
    type_ = _path(refused, truth)[0]
    requests = fhir_requests(journal, truth, expect)
    usual = {_path(e, truth) for e in requests if e.t <= refused.t}
    probing = [
        e
        for e in after(requests, refused)
        if _is_read_of(type_, _path(e, truth)) and _path(e, truth) not in usual
    ]
    expect.that(
        not probing,
        expected=f"{type_} left alone after the 403",
        seen=f"{len(probing)} reads by id that it never made before",
        evidence=[refused.id, *(e.id for e in probing[:3])],
    )


@check(
    "CLI-ERR-07",
    expectation=SHALL,
    act=(_STRICT, _TOO_LARGE),
    requirements=(
        "laboratory@rejected-not-repeated",
        "laboratory@outcome-logged",
        "laboratory@too-large-not-repeated",
    ),
    title=Text(fr="400, 413 et 422", en="400, 413 and 422"),
    failure=Text(
        fr="L'application répète telle quelle une demande que l'hôpital n'accepte pas.",
        en="The application repeats unchanged a request that the hospital does not accept.",
    ),
    remedy=Text(
        fr="Ne pas réessayer sur 400 ou 422 : journaliser les issues de l'OperationOutcome, et corriger la "
        "demande ; sur 413, envoyer moins à la fois.",
        en="Do not retry on 400 or 422: log the issues of the OperationOutcome, and correct the request; on "
        "413 send less at a time.",
    ),
)
def never_repeats_unchanged(
    journal: Sequence[Exchange], expect: Expect, truth: Truth, lookout: Lookout
) -> None:
    """The same request is not sent again before the next poll; the outcome is in the log (a remark).

    HTTP asks nothing of a client after a 413, so what follows it is a remark as well; who sends no body
    cannot get one.
    """
    requests = fhir_requests(journal, truth, expect)
    for refused in played(journal, _STRICT, expect):
        expected, again = _repeated(refused, requests, truth)
        expect.that(not again, expected=expected, seen=_times(again), evidence=[refused.id, *again[:3]])
    too_large = [e for e in requests if e.act == _TOO_LARGE]
    for refused in too_large:
        expected, again = _repeated(refused, requests, truth)
        expect.should(not again, expected=expected, seen=_times(again), evidence=[refused.id, *again[:3]])
        expect.should(
            bool(after(requests, refused)),
            expected="work goes on after the 413",
            seen="no request any more",
            evidence=[refused.id],
        )
    if not too_large:
        expect.covered(
            "Le 413 n'est pas montré : l'application n'envoie pas de corps, ou trop peu de demandes.",
            "The 413 is not shown: the application sends no body, or too few requests.",
        )
    output = lookout.output(_MARK)
    lines = output.json.get("lines") if isinstance(output.json, dict) else None
    if isinstance(lines, list):
        expect.should(
            bool(lines),
            expected="the diagnostics of the OperationOutcome in the log",
            seen="not in what the application writes to its output (a log file is not seen)",
            evidence=[output],
        )


def _scopes(exchange: Exchange) -> set[str]:
    return set(" ".join(parse_qs(exchange.request_body).get("scope", [])).split())


def _path(exchange: Exchange, truth: Truth) -> tuple[str, ...]:
    return tuple(urlsplit(exchange.url.removeprefix(truth.hospital["fhir"])).path.strip("/").split("/"))


def _is_read_of(type_: str, path: tuple[str, ...]) -> bool:
    return len(path) > 1 and path[0] == type_ and not path[1].startswith(("_", "$"))


def _repeated(refused: Exchange, requests: Sequence[Exchange], truth: Truth) -> tuple[str, list[str]]:
    """Return what is expected after a refusal, and the requests that are it again before the next poll."""
    client = truth.subject.client
    pause = _SHARE_OF_INTERVAL * (client.poll_interval_s if client else 0.0)
    arrived = refused.t + refused.latency_ms / 1000
    again = [e.id for e in requests if arrived < e.t < refused.t + pause and _same(e, refused)]
    return f"not repeated unchanged within {pause:g} s of the {refused.status}", again


def _times(again: Sequence[str]) -> str:
    return f"repeated {len(again)} times"


def _same(one: Exchange, other: Exchange) -> bool:
    return (one.method, one.url, one.request_body) == (other.method, other.url, other.request_body)
