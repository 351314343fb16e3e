"""P03 morning-labs: laboratory results of the night come in, and everybody wants them.

From 0.4 to 3.3 times the mean in a quarter of the run, held for half of it, then back: 15, 30 and 15 minutes
in the hospital, compressed to the length of the run.
"""

from lab.load.plan import Profile, Share
from lab.load.routes import chart, poll, read, search, token
from lab.load.scenario import Assumption, Figures, Scenario
from lab.load.shape import Shape
from lab.model.text import Text
from scenarios.hospital import EVENTS_PER_S, PEAK
from scenarios.load.steady_poll import DAY, day_rate

_CONCERNED = Assumption(
    12, Text("flux concernés par un événement (2 % de 600)", "flows that an event concerns (2 %)")
)
_PEOPLE = Assumption(
    7.5, Text("lectures de dossiers par des personnes, par seconde", "reads of charts by people, a second")
)


def morning_rate(figures: Figures) -> float:
    """Return the requests/s at the peak: the polls, what each event is read by, and people."""
    return day_rate(figures) + EVENTS_PER_S * PEAK * figures["concerned"] + figures["people"]


SHAPE = Shape(((0, 0.4 / PEAK), (0.25, 1), (0.75, 1), (1, 0.4 / PEAK)))


def _profile(figures: Figures) -> Profile:
    return Profile(
        id="P03",
        name="morning-labs",
        title=Text(fr="Pic de biologie du matin", en="Morning peak of laboratory results"),
        rate=morning_rate(figures),
        duration_s=360.0,
        shape=SHAPE,
        mix=(Share(45, poll), Share(20, chart), Share(15, search), Share(15, read), Share(5, token)),
        thresholds=("all: p95 < 400ms", "all: error_rate < 0.1%", "leaks == 0"),
    )


ASSUMED = {**DAY, "concerned": _CONCERNED, "people": _PEOPLE}

SCENARIO = Scenario(
    make=_profile,
    arithmetic=Text(
        fr="18 d'interrogations + 0,352 événement/s x 3,3 x 12 flux = 13,9 + 7,5 de personnes : "
        "39 requêtes/s à la pointe.",
        en="18 of polls + 0.352 events/s x 3.3 x 12 flows = 13.9 + 7.5 of people: 39 requests/s at the peak.",
    ),
    assumptions=ASSUMED,
)
