"""CLI-ERR: what the application does when the platform is busy, down or talks nonsense.

Specs: RFC 6585, RFC 9110 section 10.2.3; rules of the laboratory.
"""

from collections.abc import Sequence
from itertools import pairwise

from lab.api import SHALL, Exchange, Expect, Text, Truth, check
from lab.checks.traffic import after, fhir_requests, played

TOLERANCE = 0.8
MAX_TRIES = 6
SHORTEST_PAUSE_S = 0.2
LEAST_TOTAL_S = 0.6


@check(
    "CLI-ERR-01",
    expectation=SHALL,
    act="throttled",
    requirements=("laboratory@retry-after",),
    title=Text(fr="429 avec des secondes", en="429 with seconds"),
    failure=Text(
        fr="L'application ne respecte pas Retry-After.",
        en="The application does not honour Retry-After.",
    ),
    remedy=Text(
        fr="Sur 429, ne plus rien demander avant la fin du délai Retry-After, puis reprendre.",
        en="On 429, ask nothing more before the Retry-After delay is over, then go on.",
    ),
)
def honours_retry_after(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """Nothing is asked during the delay, and work goes on afterwards."""
    refused = played(journal, "throttled", expect)[-1]
    delay = float(refused.header("retry-after") or 0)
    following = after(fhir_requests(journal, truth, expect), refused)
    expect.that(
        bool(following),
        expected="work goes on",
        seen="no request after the 429",
        evidence=[refused.id],
    )
    waited = following[0].t - refused.t
    expect.that(
        waited >= TOLERANCE * delay,
        expected=f">= {TOLERANCE * delay:.1f} s",
        seen=f"{waited:.2f} s",
        evidence=[refused.id, following[0].id],
    )


@check(
    "CLI-ERR-03",
    expectation=SHALL,
    act="outage",
    requirements=("laboratory@back-off",),
    title=Text(fr="503 sans Retry-After", en="503 without Retry-After"),
    failure=Text(
        fr="L'application n'espace pas ses essais pendant une panne.",
        en="The application does not space its tries during an outage.",
    ),
    remedy=Text(
        fr="Attendre de plus en plus longtemps entre les essais, avec une part de hasard, 6 essais au plus.",
        en="Wait longer and longer between tries, with jitter, 6 tries at most.",
    ),
)
def backs_off(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """No immediate retry, pauses that add up, a bounded number of tries, then recovery."""
    refused = played(journal, "outage", expect)
    requests = fhir_requests(journal, truth, expect)
    during = [e for e in requests if refused[0].t <= e.t <= refused[-1].t]
    following = after(requests, refused[-1])
    expect.that(
        bool(following),
        expected="work goes on",
        seen="no request after the 503",
        evidence=[refused[-1].id],
    )
    tries = [*during, following[0]]
    pauses = [later.t - earlier.t for earlier, later in pairwise(tries)]
    seen = ", ".join(f"{pause:.2f} s" for pause in pauses)
    expect.that(
        min(pauses) >= SHORTEST_PAUSE_S and sum(pauses) >= LEAST_TOTAL_S,
        expected=f"pauses >= {SHORTEST_PAUSE_S} s, {LEAST_TOTAL_S} s in all",
        seen=seen,
        evidence=[e.id for e in tries],
    )
    expect.that(
        len(tries) <= MAX_TRIES + 1,
        expected=f"<= {MAX_TRIES} tries",
        seen=str(len(tries)),
        evidence=[],
    )


@check(
    "CLI-ERR-10",
    expectation=SHALL,
    act="bad-gateway",
    requirements=("laboratory@html-is-no-answer",),
    title=Text(fr="502 avec une page HTML", en="502 with HTML"),
    failure=Text(
        fr="L'application ne survit pas à une page d'erreur de proxy.",
        en="The application does not survive the error page of a proxy.",
    ),
    remedy=Text(
        fr="Traiter toute réponse qui n'est pas du FHIR comme une panne passagère, et réessayer plus tard.",
        en="Treat any answer that is not FHIR as a passing fault, and try again later.",
    ),
)
def survives_html(journal: Sequence[Exchange], expect: Expect, truth: Truth) -> None:
    """After the page of HTML the application is still there and gets an answer."""
    page = played(journal, "bad-gateway", expect)[-1]
    answered = [e for e in after(fhir_requests(journal, truth, expect), page) if e.status == 200]
    expect.that(
        bool(answered),
        expected="an answered request after the 502",
        seen="none",
        evidence=[page.id, *(e.id for e in answered[:1])],
    )
