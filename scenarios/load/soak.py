"""P10 soak: an ordinary day and a fifth more, for an hour or a night: what grows or expires shows in time."""

from lab.load.plan import Profile
from lab.load.scenario import Assumption, Figures, Scenario
from lab.model.text import Text
from scenarios.load.steady_poll import DAY, MIX, day_rate

_MORE = Assumption(1.2, Text("fois le jour ordinaire", "times the ordinary day"))


def _profile(figures: Figures) -> Profile:
    return Profile(
        id="P10",
        name="soak",
        title=Text(fr="Endurance", en="Endurance"),
        rate=figures["more"] * day_rate(figures),
        duration_s=3_600.0,
        mix=MIX,
        thresholds=(
            *("all: p95 < 400ms", "all: p99 < 1s", "all: error_rate < 0.1%", "leaks == 0"),
            *("latency: growth < 50%", "memory: growth < 20%"),
        ),
    )


SCENARIO = Scenario(
    make=_profile,
    arithmetic=Text(
        fr="1,2 x 18 = 21,6 requêtes/s, une heure.", en="1.2 x 18 = 21.6 requests/s, for an hour."
    ),
    assumptions={**DAY, "more": _MORE},
)
