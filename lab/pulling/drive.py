"""Play a plan: wait until the application follows, let the events happen, wait until it has them.

Ctrl-C anywhere leaves the record as it is, without its end: what is judged from it is not valid, and says so.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.gateway.windows import Window
from lab.journal.journal import Tail
from lab.pulling.asked import Asked, Reader
from lab.pulling.injecting import Door, Patterns, inject, warm
from lab.pulling.pairing import pairs
from lab.pulling.plan import FaultWindow, PullPlan
from lab.pulling.recording import Commit, Recorder

_LOOK_S = 0.25
_PATIENT_POLLS = 5
_LEAST_PATIENCE_S = 15.0


@dataclass(frozen=True)
class Hospital:
    """The running hospital: its door, its journal, and how to tell the gateway when its faults are."""

    door: Door
    journal: Path
    announce: Callable[[tuple[Window, ...]], None]


@dataclass(frozen=True)
class Client:
    """The application that is waited for; ``gone`` tells that it ended by itself."""

    client_id: str
    base_url: str
    interval_s: float
    gone: Callable[[], bool] = lambda: False


Progress = Callable[[float], None]


def _nothing(_: float) -> None:
    """Tell nobody."""


def settle(client: Client, hospital: Hospital) -> tuple[Asked, ...]:
    """Wait until the application has polled twice, or for five of its intervals; return what it asked."""
    watched = Observed(hospital.journal, client)
    deadline = time.monotonic() + max(_LEAST_PATIENCE_S, _PATIENT_POLLS * client.interval_s)
    while time.monotonic() < deadline and not client.gone():
        requests = watched.look()
        if sum(bool(one.since) and one.is_poll and one.status == 200 for one in requests) > 1:
            break
        time.sleep(_LOOK_S)
    return watched.look()


def play(
    plan: PullPlan,
    patterns: Patterns,
    hospital: Hospital,
    record: Path,
    progress: Progress = _nothing,
    gone: Callable[[], bool] = lambda: False,
) -> None:
    """Let the events happen with their faults, then wait until the application has them, within bounds."""
    door, commits = hospital.door, list[Commit]()
    warm(patterns, door)
    begun = round(door.now() + _LOOK_S, 4)
    windows = tuple(
        Window(one.fault, door.started + begun + one.begins, door.started + begun + one.ends)
        for one in plan.windows
    )
    client = Client(plan.client_id, plan.base_url, plan.interval_s, gone)
    with Recorder(record) as recorder:

        def committed(commit: Commit) -> None:
            recorder.committed(commit)
            commits.append(commit)
            progress(len(commits) / len(plan.events))

        recorder.begun(begun, plan.windows)
        hospital.announce(windows)
        try:
            asyncio.run(inject(plan.events, patterns, door, begun, committed))
        except ExceptionGroup as group:
            raise group.exceptions[0] from None  # one write fails, and the others are given up
        _drain(plan, begun, Observed(hospital.journal, client), door, commits)
        recorder.ended(round(door.now(), 4))
        hospital.announce(())


def last_fault(windows: Sequence[FaultWindow]) -> float:
    """Return when the last fault ends, in seconds after the start."""
    return max((one.ends for one in windows), default=0.0)


class Observed:
    """The requests of one application as they come; reads of the journal only what is new."""

    def __init__(self, journal: Path, client: Client) -> None:
        self.client = client
        self._tail = Tail(journal)
        self._reader = Reader(client.base_url, client.client_id)

    def look(self) -> tuple[Asked, ...]:
        """Return every request so far."""
        self._reader.add(self._tail.more())
        return self._reader.requests


def _drain(plan: PullPlan, begun: float, watched: Observed, door: Door, commits: Sequence[Commit]) -> None:
    """Wait until the time of the plan is over and all was delivered; ``drain_s`` at most."""
    ends = begun + max(plan.duration_s, last_fault(plan.windows))
    while door.now() < ends:
        time.sleep(min(_LOOK_S, max(0.0, ends - door.now())))
    while door.now() < ends + plan.drain_s and not watched.client.gone():
        if all(pair.delivered is not None for pair in pairs(commits, watched.look())):
            return
        time.sleep(_LOOK_S)
