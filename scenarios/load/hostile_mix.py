"""P13 hostile-mix: the morning peak, one request in twenty of which must be refused, by all five levels.

Nothing may leak among N probes; the report gives the share that may leak at most, at 95 % (3/N for none).
"""

from lab.load.plan import Profile, Share
from lab.load.routes import chart, poll, read, search, token
from lab.load.scenario import Assumption, Figures, Scenario
from lab.model.text import Text
from scenarios.load.morning_labs import ASSUMED, SHAPE, morning_rate

_FORBIDDEN = Assumption(0.05, Text("part des requêtes interdites", "share of forbidden requests"))


def _profile(figures: Figures) -> Profile:
    return Profile(
        id="P13",
        name="hostile-mix",
        title=Text(fr="Cinq niveaux sous charge", en="Five levels under load"),
        rate=morning_rate(figures),
        duration_s=360.0,
        shape=SHAPE,
        mix=(Share(45, poll), Share(20, chart), Share(15, search), Share(15, read), Share(5, token)),
        thresholds=("leaks == 0", "refusals >= 1", "all: p95 < 400ms", "all: error_rate < 0.1%"),
        denial_share=min(0.5, figures["forbidden"]),
    )


SCENARIO = Scenario(
    make=_profile,
    arithmetic=Text(
        fr="Le matin (39 requêtes/s), dont 5 % interdites : 700 sondes en six minutes, fuite de "
        "0,4 % au plus à 95 %.",
        en="The morning (39 requests/s), of which 5 % forbidden: 700 probes in six minutes, a "
        "leak of 0.4 % at most.",
    ),
    assumptions={**ASSUMED, "forbidden": _FORBIDDEN},
)
