"""P06 admissions-burst: fifty stays of Monday admitted in ten seconds, each read by forty applications."""

from lab.load.plan import Profile, Share
from lab.load.routes import chart, poll, read
from lab.load.scenario import Assumption, Figures, Scenario
from lab.load.shape import Shape
from lab.model.text import Text
from scenarios.hospital import DAY_S, STAYS

_ADMITTED = Assumption(50, Text("séjours admis en dix secondes", "stays admitted in ten seconds"))
_READERS = Assumption(40, Text("applications qui lisent chaque séjour", "applications that read each stay"))
_READS = 3
"""Encounter, Patient and Coverage."""
_MONDAY = 0.4 / (2 * 3_600)
"""40 %* of the day's stays in two hours."""


def _profile(figures: Figures) -> Profile:
    each = figures["readers"] * _READS
    base = STAYS / (365 * DAY_S) * DAY_S * _MONDAY * each
    burst = figures["admitted"] / 10 * each
    return Profile(
        id="P06",
        name="admissions-burst",
        title=Text(fr="Pré-admissions du lundi", en="Monday's admissions"),
        rate=base,
        duration_s=60.0,
        shape=Shape(((0, 1), (1 / 3, 1), (1 / 3, burst / base), (0.5, burst / base), (0.5, 1), (1, 1))),
        mix=(Share(50, read), Share(35, chart), Share(15, poll)),
        thresholds=("all: p99 < 3s", "all: error_rate < 0.1%", "leaks == 0"),
        denial_share=0.02,
    )


SCENARIO = Scenario(
    make=_profile,
    arithmetic=Text(
        fr="840,6 séjours/jour x 40 % en 2 h x 40 applications x 3 lectures = 5,6 requêtes/s ; "
        "50 séjours en 10 s : 600/s.",
        en="840.6 stays/day x 40 % in 2 h x 40 applications x 3 reads = 5.6 requests/s; 50 stays "
        "in 10 s: 600/s.",
    ),
    assumptions={"admitted": _ADMITTED, "readers": _READERS},
)
