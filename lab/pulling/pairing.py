"""Pair each event with its delivery: the first whole answer that gave that version, or a later one."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lab.pulling.asked import Asked, Given
from lab.pulling.recording import Commit


@dataclass(frozen=True)
class Pair:
    """An event and when it was delivered, in seconds of the journal; None when it never was."""

    commit: Commit
    delivered: float | None

    @property
    def staleness_s(self) -> float | None:
        """Return how old the news was, in seconds; an answer may overtake that of the write."""
        return None if self.delivered is None else max(0.0, self.delivered - self.commit.t)


def pairs(commits: Sequence[Commit], requests: Sequence[Asked]) -> tuple[Pair, ...]:
    """Return the events that the application may see, each with its delivery, in the order of the commits.

    A version that was replaced before the application came by counts as delivered with its successor.
    """
    given = deliveries(requests)
    return tuple(
        Pair(one, next((at for at, what in given.get(one.reference, ()) if _tells(what, one)), None))
        for one in commits
        if not one.hidden and one.version
    )


def strays(commits: Sequence[Commit], requests: Sequence[Asked]) -> int:
    """Return how many events were delivered to who must not see them."""
    given = deliveries(requests)
    return sum(one.hidden and one.reference in given for one in commits)


def deliveries(requests: Sequence[Asked]) -> Mapping[str, Sequence[tuple[float, Given]]]:
    """Return, for each resource, when it was delivered and as what, in the order of time."""
    found: defaultdict[str, list[tuple[float, Given]]] = defaultdict(list)
    for request in sorted(requests, key=lambda one: one.end):
        for one in request.given:
            found[one.reference].append((request.end, one))
    return found


def _tells(given: Given, commit: Commit) -> bool:
    """Tell whether what was given shows an event, or a later one of the same resource."""
    if given.number is not None:
        return given.number >= commit.number
    return given.updated >= commit.updated  # the mark was masked; instants of one form sort as text
