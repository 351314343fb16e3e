"""P07 nightly-extract: the research warehouse reads the whole year in one night, in pages of a thousand."""

from lab.load.plan import Profile, Share
from lab.load.routes import page, poll
from lab.load.scenario import Assumption, Figures, Scenario
from lab.model.text import Text
from scenarios.hospital import EVENTS_PER_S, YEAR_S

_NIGHT_S = Assumption(21_600, Text("durée de la nuit, en secondes", "length of the night, in seconds"))
_PER_PAGE = Assumption(1_000, Text("ressources par page", "resources in a page"))
_BESIDE = 2.0
"""Polls a second that go on beside the extraction, and must not suffer from it."""


def _profile(figures: Figures) -> Profile:
    pages = EVENTS_PER_S * YEAR_S / figures["night_s"] / figures["per_page"]
    return Profile(
        id="P07",
        name="nightly-extract",
        title=Text(fr="Extraction nocturne de l'entrepôt", en="Nightly extraction of the warehouse"),
        rate=pages + _BESIDE,
        duration_s=120.0,
        mix=(Share(pages, page), Share(_BESIDE, poll)),
        thresholds=("page: p95 < 5s", "poll: p95 < 120ms", "all: error_rate < 0.1%", "leaks == 0"),
    )


SCENARIO = Scenario(
    make=_profile,
    arithmetic=Text(
        fr="11,09 millions d'événements / 21 600 s = 513 ressources/s = 0,51 page de 1 000 par "
        "seconde, et 2 interrogations/s.",
        en="11.09 million events / 21,600 s = 513 resources/s = 0.51 pages of 1,000 a second, and 2 polls/s.",
    ),
    assumptions={"night_s": _NIGHT_S, "per_page": _PER_PAGE},
)
