"""P02 steady-poll: an ordinary day, when most applications ask again and again whether anything changed.

The rate at x1, for a university hospital (306,823 stays, 974,212 consultations, 6.84 million laboratory acts
a year); what is marked * is an assumption to be replaced by the hospital's own figure:

* 600* application flows that poll every 60 s*               600 / 60 = 10 requests/s
* 30* emergency flows that poll every 5 s*                     30 / 5 =  6 requests/s
* tokens of 300 s for those 600 flows                       600 / 300 =  2 requests/s, hence 18 in all

The peak of the morning (reads by people, fan-out of laboratory results) belongs to other profiles.

Why polls come back empty: 0.352 events/s in the whole hospital, of which 2 %* concern one flow; within 60 s
P(none) = exp(-0.352 x 60 x 0.02) = 66 %, and within 10 s 93 %. The empty poll is the hot path, and it must
still pass the five levels.
"""

from lab.load.plan import Profile, Share
from lab.load.routes import metadata, poll, read, search, token
from lab.model.text import Text

STEADY_POLL = Profile(
    id="P02",
    name="steady-poll",
    title=Text(fr="Jour ordinaire : interrogations régulières", en="Ordinary day: steady polling"),
    rate=18.0,
    mix=(
        Share(70, poll),
        Share(12, read),
        Share(10, search),
        Share(6, token),
        Share(2, metadata),
    ),
    thresholds=(
        "poll: p95 < 100ms",
        "read: p95 < 150ms",
        "search: p95 < 400ms",
        "all: error_rate < 0.1%",
        "leaks == 0",
    ),
)
