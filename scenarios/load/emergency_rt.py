"""P04 emergency-rt: the emergency department lives by the second; its requests come in bursts."""

from lab.load.plan import Profile, Share
from lab.load.routes import chart, poll, read
from lab.load.scenario import Assumption, Figures, Scenario
from lab.load.shape import Shape
from lab.model.text import Text
from scenarios.hospital import URGENT_FLOWS, URGENT_POLL_S

_OPENED = Assumption(5, Text("lectures de dossiers par seconde", "reads of charts a second"))


def _profile(figures: Figures) -> Profile:
    polls = figures["urgent_flows"] / figures["urgent_poll_s"]
    return Profile(
        id="P04",
        name="emergency-rt",
        title=Text(fr="Urgences en temps réel", en="Emergency department in real time"),
        rate=polls + figures["opened"],
        duration_s=300.0,
        shape=Shape(burst=5),
        mix=(Share(60, poll), Share(25, chart), Share(15, read)),
        thresholds=("all: p99 < 300ms", "all: error_rate < 0.1%", "leaks == 0"),
    )


SCENARIO = Scenario(
    make=_profile,
    arithmetic=Text(
        fr="30 flux / 5 s + 5 lectures/s = 11 requêtes/s, par grappes de 5.",
        en="30 flows / 5 s + 5 reads/s = 11 requests/s, in bursts of 5.",
    ),
    assumptions={"urgent_flows": URGENT_FLOWS, "urgent_poll_s": URGENT_POLL_S, "opened": _OPENED},
)
