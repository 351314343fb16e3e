"""P09 reconnect-storm: the network is back, and every application asks for a token and polls within a second.

Who backs off with jitter comes back at 24 requests a second; those that reconnect at the same instant, at
600. The synchronised return is the danger.
"""

from lab.load.plan import Profile, Share
from lab.load.routes import poll, read, token
from lab.load.scenario import Figures, Scenario
from lab.load.shape import Shape
from lab.model.text import Text
from scenarios.load.steady_poll import DAY, day_rate

_DURATION_S = 60.0
_QUIET = 1 / 3
"""Share of the run in which nobody reaches the platform but for a trickle."""
_TRICKLE = 0.05


def _profile(figures: Figures) -> Profile:
    usual = day_rate(figures)
    storm = 2 * figures["flows"] / usual  # a token and a poll of each, within one second
    end = _QUIET + 1 / _DURATION_S
    return Profile(
        id="P09",
        name="reconnect-storm",
        title=Text(fr="Reprise après panne", en="Reconnection after an outage"),
        rate=usual,
        duration_s=_DURATION_S,
        shape=Shape(((0, _TRICKLE), (_QUIET, _TRICKLE), (_QUIET, storm), (end, storm), (end, 1), (1, 1))),
        mix=(Share(45, token), Share(45, poll), Share(10, read)),
        thresholds=("all: p99 < 10s", "all: error_rate < 0.1%", "leaks == 0"),
        denial_share=0.02,
    )


SCENARIO = Scenario(
    make=_profile,
    arithmetic=Text(
        fr="600 jetons et 600 interrogations dans la même seconde, puis le jour ordinaire (18 requêtes/s).",
        en="600 tokens and 600 polls within one second, then the ordinary day (18 requests/s).",
    ),
    assumptions=DAY,
)
