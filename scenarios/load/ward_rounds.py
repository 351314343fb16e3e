"""P05 ward-rounds: from 7.30 to 10 physicians open charts, one after the other, and read before the next one.

People are a closed population: who waits for an answer does not ask for more. Only those who have a chart
open at the same time count, hence 13 people who pause 15 s, not 400 who stand in the wards.
"""

from lab.load.people import People
from lab.load.plan import Profile, Share
from lab.load.routes import metadata, poll
from lab.load.scenario import Assumption, Figures, Scenario
from lab.model.text import Text
from scenarios.hospital import INPATIENTS

_OPENINGS = Assumption(3, Text("ouvertures de chaque dossier", "openings of each chart"))
_ROUND_S = Assumption(9_000, Text("durée de la visite, en secondes", "length of the round, in seconds"))
_THINK_S = Assumption(
    15, Text("lecture d'un dossier, en secondes (médiane)", "reading a chart, in seconds (median)")
)


def _profile(figures: Figures) -> Profile:
    openings = figures["inpatients"] * figures["openings"] / figures["round_s"]
    return Profile(
        id="P05",
        name="ward-rounds",
        title=Text(fr="Visite dans les services", en="Ward rounds"),
        rate=1.0,
        duration_s=300.0,
        mix=(Share(9, poll), Share(1, metadata)),
        people=People(count=openings * figures["think_s"], think_s=figures["think_s"]),
        thresholds=(
            "chart-opening: p95 < 1s",
            "chart-opening: p99 < 2.5s",
            "all: error_rate < 0.1%",
            "leaks == 0",
        ),
        denial_share=0.25,  # of the one request/s beside people: about 3 % of all requests
    )


SCENARIO = Scenario(
    make=_profile,
    arithmetic=Text(
        fr="2 500 patients x 3 ouvertures / 9 000 s = 0,83 ouverture/s, soit 12,5 personnes à 15 "
        "s de lecture.",
        en="2,500 inpatients x 3 openings / 9,000 s = 0.83 openings/s, hence 12.5 people at 15 s of reading.",
    ),
    assumptions={"inpatients": INPATIENTS, "openings": _OPENINGS, "round_s": _ROUND_S, "think_s": _THINK_S},
)
