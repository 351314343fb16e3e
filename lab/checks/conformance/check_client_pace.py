"""CLI-ERR: how fast the application asks while the platform is busy or down.

Specs: RFC 6585, https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3; rules of the laboratory.
"""

from collections.abc import Sequence

from lab.api import SHALL, Exchange, Expect, Text, Truth, check
from lab.checks.traffic import after, fhir_requests, played

LEAST_WAIT_S = 1.6
"""Of the 2 s and more that the date asks for: clocks differ by fractions."""

_WINDOW_S = 1.0
_ALWAYS_FINE = 4
"""Tries within a second that CLI-ERR-03 allows: they are no storm, however slow the ordinary pace is."""


@check(
    "CLI-ERR-02",
    expectation=SHALL,
    act="throttled-date",
    requirements=("laboratory@retry-after-date",),
    title=Text(fr="429 avec une date", en="429 with a date"),
    failure=Text(
        fr="L'application ne respecte pas Retry-After quand c'est une date.",
        en="The application does not honour Retry-After when it is a date.",
    ),
    remedy=Text(
        fr="Lire les deux formes de Retry-After, secondes et date HTTP, et attendre jusqu'à cette date avant "
        "toute autre demande.",
        en="Read both forms of Retry-After, seconds and HTTP date, and wait until that date before asking "
        "anything more.",
    ),
)
def honours_a_date(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """Nothing is asked before the date, and work goes on afterwards."""
    refused = played(journal, "throttled-date", expect)[-1]
    following = after(fhir_requests(journal, truth, expect), refused)
    expect.that(
        bool(following), expected="work goes on", seen="no request after the 429", evidence=[refused.id]
    )
    waited = following[0].t - refused.t
    expect.that(
        waited >= LEAST_WAIT_S,
        expected=f">= {LEAST_WAIT_S} s before the date given is reached",
        seen=f"{waited:.2f} s",
        evidence=[refused.id, following[0].id],
    )


@check(
    "CLI-ERR-04",
    expectation=SHALL,
    act="outage",
    requirements=("laboratory@no-retry-storm",),
    title=Text(fr="Pas de rafale d'essais", en="No retry storm"),
    failure=Text(
        fr="L'application demande davantage pendant la panne qu'avant elle.",
        en="The application asks more during the outage than before it.",
    ),
    remedy=Text(
        fr="Faire partager la même attente à toutes les tâches : pendant une panne, une seule "
        "essaie à la fois.",
        en="Let all workers share the same wait: during an outage one of them tries at a time.",
    ),
)
def no_storm(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """No second that follows a 503 holds more requests than the busiest second before the outage."""
    refused = played(journal, "outage", expect)
    requests = fhir_requests(journal, truth, expect)
    before = [e.t for e in requests if e.t < refused[0].t]
    usual = max((_within(before, t) for t in before), default=0)
    allowed = max(usual, _ALWAYS_FINE)
    for exchange in refused:
        asked = _within([e.t for e in requests], exchange.t)
        expect.that(
            asked <= allowed,
            expected=f"<= {allowed} requests in a second",
            seen=f"{asked} in the second that follows a 503",
            evidence=[exchange.id],
        )


def _within(moments: Sequence[float], begin: float) -> int:
    return sum(begin <= t < begin + _WINDOW_S for t in moments)
