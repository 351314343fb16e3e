"""P01 smoke: four seconds that show that everything works together; for continuous integration.

Ten requests a second: no load, six or seven of each kind.
"""

from lab.load.plan import Profile, Share
from lab.load.routes import chart, metadata, poll, read, search, token
from lab.load.scenario import Assumption, Figures, Scenario
from lab.model.text import Text


def _profile(figures: Figures) -> Profile:
    return Profile(
        id="P01",
        name="smoke",
        title=Text(fr="Contrôle : tout marche ensemble", en="Smoke: everything works together"),
        rate=figures["rate"],
        duration_s=4.0,
        mix=tuple(Share(1, route) for route in (poll, read, search, chart, token, metadata)),
        thresholds=("errors == 0", "leaks == 0", "all: p95 < 1s"),
        denial_share=0.05,
    )


SCENARIO = Scenario(
    make=_profile,
    arithmetic=Text(fr="10 requêtes/s, autant de chaque sorte.", en="10 requests/s, as many of each kind."),
    assumptions={"rate": Assumption(10, Text("requêtes par seconde", "requests a second"))},
)
