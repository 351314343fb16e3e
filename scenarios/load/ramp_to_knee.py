"""P12 ramp-to-knee: the rate grows evenly, to find where the server stops following.

There is no limit on latency: where the series bends is what is looked for.
"""

from lab.load.plan import Profile, Share
from lab.load.routes import chart, poll, read, search
from lab.load.scenario import Assumption, Figures, Scenario
from lab.load.shape import Shape
from lab.model.text import Text

_LOWEST = 0.05
_HIGHEST = Assumption(400, Text("requêtes par seconde à la fin", "requests a second at the end"))


def _profile(figures: Figures) -> Profile:
    return Profile(
        id="P12",
        name="ramp-to-knee",
        title=Text(fr="Montée jusqu'au coude", en="Ramp to the knee"),
        rate=figures["highest"],
        duration_s=120.0,
        shape=Shape(((0, _LOWEST), (1, 1))),
        mix=(Share(40, poll), Share(30, read), Share(20, search), Share(10, chart)),
        thresholds=("requests >= 1", "leaks == 0"),
        denial_share=0.02,
    )


SCENARIO = Scenario(
    make=_profile,
    arithmetic=Text(
        fr="De 20 à 400 requêtes/s : du matin ordinaire à dix fois le matin.",
        en="From 20 to 400 requests/s: from an ordinary morning to ten times the morning.",
    ),
    assumptions={"highest": _HIGHEST},
)
