"""P08 plan-blanc: a mass casualty, on top of the morning peak.

Toulouse, 21 September 2001: 2,225 injured within 9.7 hours; half of them* in the first three hours are 0.103
arrivals a second, ten times the usual admissions. Each is a patient, a stay and fifteen laboratory acts, read
by five applications.
"""

from lab.load.plan import Profile, Share
from lab.load.routes import chart, poll, read, search, token
from lab.load.scenario import Assumption, Figures, Scenario
from lab.load.shape import Shape
from lab.model.text import Text
from scenarios.load.morning_labs import ASSUMED, morning_rate

_CASUALTIES = Assumption(2_225, Text("blessés", "injured people"))
_SHARE = Assumption(
    0.5, Text("part arrivée dans les trois premières heures", "share of them in the first three hours")
)
_READS = Assumption(
    150,
    Text("lectures pour un blessé (30 par 5 applications)", "reads for one of them (30 by 5 applications)"),
)
_HOURS_S = 3 * 3_600


def _profile(figures: Figures) -> Profile:
    usual = morning_rate(figures)
    more = figures["casualties"] * figures["share"] / _HOURS_S * figures["reads"]
    return Profile(
        id="P08",
        name="plan-blanc",
        title=Text(fr="Plan blanc : afflux massif", en="Plan blanc: mass casualty"),
        rate=usual,
        duration_s=360.0,
        shape=Shape(((0, 1), (0.1, 1), (0.1, 1 + more / usual), (1, 1 + more / usual))),
        mix=(Share(40, poll), Share(30, chart), Share(15, read), Share(10, search), Share(5, token)),
        thresholds=("all: p99 < 300ms", "all: error_rate < 0.1%", "leaks == 0"),
    )


SCENARIO = Scenario(
    make=_profile,
    arithmetic=Text(
        fr="2 225 x 50 % / 10 800 s = 0,103 blessé/s x 150 lectures = 15,5 requêtes/s en plus "
        "des 39 du matin.",
        en="2,225 x 50 % / 10,800 s = 0.103 casualties/s x 150 reads = 15.5 requests/s on top of "
        "the morning's 39.",
    ),
    assumptions={**ASSUMED, "casualties": _CASUALTIES, "share": _SHARE, "reads": _READS},
)
