"""P11 noisy-neighbour: one application asks for everything, again and again; the others must not suffer.

What the greedy one is told is up to the server: pages, 413, 422 or 429 are all right. What the others wait
is not.
"""

from lab.load.plan import Profile, Share
from lab.load.routes import wide
from lab.load.scenario import Assumption, Figures, Scenario
from lab.model.text import Text
from scenarios.load.steady_poll import DAY, MIX, day_rate

_GREEDY = Assumption(
    50, Text("requêtes par seconde de l'application gloutonne", "requests a second of the greedy one")
)


def _profile(figures: Figures) -> Profile:
    usual = day_rate(figures)
    whole = sum(share.weight for share in MIX)
    return Profile(
        id="P11",
        name="noisy-neighbour",
        title=Text(fr="Application gloutonne", en="Noisy neighbour"),
        rate=usual + figures["greedy"],
        duration_s=120.0,
        mix=(*MIX, Share(whole * figures["greedy"] / usual, wide)),
        thresholds=(
            "poll: p95 < 120ms",
            "read: p95 < 180ms",
            "search: p95 < 480ms",
            "all: error_rate < 0.1%",
            "leaks == 0",
        ),
    )


SCENARIO = Scenario(
    make=_profile,
    arithmetic=Text(
        fr="Le jour ordinaire (18 requêtes/s) et 50 requêtes/s très larges ; les seuils du jour "
        "ordinaire, plus 20 %.",
        en="The ordinary day (18 requests/s) and 50 very wide requests/s; the limits of the "
        "ordinary day and 20 %.",
    ),
    assumptions={**DAY, "greedy": _GREEDY},
)
