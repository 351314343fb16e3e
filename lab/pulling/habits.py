"""How an application asks: its period and jitter, how far back it reaches, what it asks twice, its tokens."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from statistics import median

from lab.model.pulling import Habits
from lab.pulling.asked import Asked
from lab.pulling.recording import Commit

TOKEN_USE = 0.8
"""Share of the life of a token after which a new one may be asked for."""
_TOKEN_S = 300.0


@dataclass(frozen=True)
class Clock:
    """How the clock of the hospital (seconds since the epoch) stands to the time of the journal."""

    offset_s: float

    def of(self, instant: str) -> float | None:
        """Return an instant of the hospital in seconds of the journal, None when it is none."""
        moment = moment_of(instant)
        return None if moment is None else moment - self.offset_s


def clock(commits: Sequence[Commit]) -> Clock | None:
    """Return the clock as the writes show it: each was stamped between its request and its answer."""
    known = [(moment_of(one.updated), one.t) for one in commits if one.version]
    offsets = [moment - t for moment, t in known if moment is not None]
    return Clock(median(offsets)) if offsets else None


def moment_of(instant: str) -> float | None:
    """Return a FHIR instant or dateTime in seconds since the epoch; without an offset it is UTC."""
    try:
        moment = datetime.fromisoformat(instant)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def polls_of(requests: Sequence[Asked], types: frozenset[str]) -> tuple[Asked, ...]:
    """Return the polls of those types that are of the most frequent kind."""
    polls = [one for one in requests if one.is_poll and one.type in types]
    kinds = Counter(one.what for one in polls)
    if not kinds:
        return ()
    usual = kinds.most_common(1)[0][0]
    return tuple(one for one in polls if one.what == usual)


def habits(
    requests: Sequence[Asked], types: frozenset[str], span: tuple[float, float], hospital: Clock | None
) -> Habits:
    """Return how the application asked within a span of the journal, in seconds, for those types."""
    inside = [one for one in requests if span[0] <= one.t <= span[1]]
    polls = polls_of(inside, types)
    quiet = [one for one in polls if not one.fault]
    gaps = sorted(b.t - a.t for a, b in pairwise(polls) if not a.fault and not b.fault)
    reach = [one for one in (_reach(poll, hospital) for poll in quiet) if one is not None]
    tokens = [one for one in requests if one.kind == "token" and one.status == 200]
    served = sorted(one.end - one.t for one in inside if not one.fault and one.kind != "token")
    return Habits(
        requests=len(inside),
        polls=len(polls),
        empty_polls=sum(one.status == 200 and not one.given for one in quiet),
        period_s=round(median(gaps), 3) if gaps else None,
        jitter_s=round((_rank(gaps, 0.95) - _rank(gaps, 0.05)) / 2, 3) if gaps else None,
        service_s=round(sum(_walk(inside, poll) for poll in quiet) / len(quiet), 4) if quiet else None,
        window_s=round(median(reach), 1) if reach else None,
        conditional=sum(one.conditional for one in inside),
        unfinished_walks=len(unfinished(inside)),
        tokens=len(tokens),
        tokens_due=math.ceil((span[1] - requests[0].t) / (TOKEN_USE * _TOKEN_S)) if requests else 1,
        gateway_p95_s=round(_rank(served, 0.95), 4) if served else None,
    )


def unfinished(requests: Sequence[Asked]) -> tuple[Asked, ...]:
    """Return the pages whose next link was never followed."""
    followed = {one.url for one in requests if one.followed}
    return tuple(one for one in requests if one.next and one.next not in followed)


def rereads(
    requests: Sequence[Asked], types: frozenset[str], since: float, overlap_s: float, hospital: Clock
) -> int:
    """Return how many unchanged resources polls gave again, from ``since`` on (seconds of the journal).

    What changed less than ``overlap_s`` before the poll may come again: clocks differ, and a careful poll
    reaches back. Asking by id whether a record is still visible is no poll.
    """
    seen: set[tuple[str, str]] = set()
    again, walking = 0, False
    for request in requests:
        walking = request.is_poll or (walking and request.followed)
        for one in request.given:
            key = one.reference, one.version
            changed = hospital.of(one.updated)
            old = changed is not None and request.t - changed > overlap_s
            again += walking and request.type in types and request.t >= since and key in seen and old
            seen.add(key)
    return again


def _reach(poll: Asked, hospital: Clock | None) -> float | None:
    """Return how far back a poll reaches, in seconds."""
    if hospital is None or not poll.since:
        return None
    value = poll.since[0]
    start = hospital.of(value[2:] if value[:2].isalpha() else value)
    return None if start is None else poll.t - start


def _walk(requests: Sequence[Asked], poll: Asked) -> float:
    """Return how long a poll takes, with the pages that follow it."""
    end, link = poll.end, poll.next
    for one in requests:
        if link and one.t >= poll.t and one.url == link:
            end, link = one.end, one.next
    return end - poll.t


def _rank(ordered: Sequence[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
