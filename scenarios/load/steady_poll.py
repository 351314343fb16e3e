"""P02 steady-poll: an ordinary day, when most applications ask again and again whether anything changed.

The peak of the morning (reads by people, fan-out of laboratory results) belongs to other profiles. Why polls
come back empty: 0.352 events/s in the whole hospital, of which 2 %* concern one flow; within 60 s P(none) =
exp(-0.352 x 60 x 0.02) = 66 %, and within 10 s 93 %. The empty poll is the hot path, and it must still pass
the five levels.
"""

from lab.load.plan import Profile, Share
from lab.load.routes import metadata, poll, read, search, token
from lab.load.scenario import Figures, Scenario
from lab.model.text import Text
from scenarios.hospital import FLOWS, POLL_S, TOKEN_S, URGENT_FLOWS, URGENT_POLL_S

MIX = (Share(70, poll), Share(12, read), Share(10, search), Share(6, token), Share(2, metadata))


def day_rate(figures: Figures) -> float:
    """Return the requests/s of an ordinary day: polls of all flows, and their tokens."""
    return (
        figures["flows"] / figures["poll_s"]
        + figures["urgent_flows"] / figures["urgent_poll_s"]
        + figures["flows"] / figures["token_s"]
    )


def _profile(figures: Figures) -> Profile:
    return Profile(
        id="P02",
        name="steady-poll",
        title=Text(fr="Jour ordinaire : interrogations régulières", en="Ordinary day: steady polling"),
        rate=day_rate(figures),
        duration_s=600.0,
        mix=MIX,
        thresholds=(
            "poll: p95 < 100ms",
            "read: p95 < 150ms",
            "search: p95 < 400ms",
            "all: error_rate < 0.1%",
            "leaks == 0",
        ),
    )


DAY = {
    "flows": FLOWS,
    "poll_s": POLL_S,
    "urgent_flows": URGENT_FLOWS,
    "urgent_poll_s": URGENT_POLL_S,
    "token_s": TOKEN_S,
}

SCENARIO = Scenario(
    make=_profile,
    arithmetic=Text(
        fr="600 flux / 60 s + 30 flux d'urgence / 5 s + 600 jetons / 300 s = 10 + 6 + 2 = 18 requêtes/s.",
        en="600 flows / 60 s + 30 urgent flows / 5 s + 600 tokens / 300 s = 10 + 6 + 2 = 18 requests/s.",
    ),
    assumptions=DAY,
)
