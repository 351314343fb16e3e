"""The record of what happened in the hospital: one JSON line per event, written when it was committed.

With the journal of the gateway it is all that a judgement rests on, so that it can be given again offline.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import orjson

from lab.load.error import LoadError
from lab.pulling.plan import FaultWindow

RECORD_FILE = "events.jsonl"


@dataclass(frozen=True)
class Commit:
    """One event that is in the hospital: ``t`` is when its write was answered, in seconds of the journal.

    ``due`` and ``sent`` are when it was to be written, and was. ``version`` and ``updated`` are what the
    hospital answered (meta.versionId, meta.lastUpdated); a refused write has ``status`` and no version.
    """

    number: int
    reference: str
    hidden: bool
    due: float
    sent: float
    t: float
    status: int
    version: int
    updated: str


@dataclass(frozen=True)
class Recording:
    """What was recorded; times in seconds of the journal. Without ``ended`` the run was cut short."""

    begun: float
    ended: float | None
    windows: tuple[FaultWindow, ...]
    commits: tuple[Commit, ...]


class Recorder:
    """Writes the record, line by line."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("wb", buffering=0)

    def __enter__(self) -> Self:
        """Begin to record."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self._file.close()

    def begun(self, t: float, windows: tuple[FaultWindow, ...]) -> None:
        """Note when the events begin, and when the faults are."""
        self._line(begun=t, windows=[asdict(one) for one in windows])

    def committed(self, commit: Commit) -> None:
        """Note one event."""
        self._line(**asdict(commit))

    def ended(self, t: float) -> None:
        """Note that all of it was played."""
        self._line(ended=t)

    def _line(self, **facts: Any) -> None:
        try:
            self._file.write(orjson.dumps(facts, option=orjson.OPT_APPEND_NEWLINE))
        except OSError as error:
            message = f"The record of events cannot be written ({error.strerror}): free some disk space."
            raise LoadError(message) from None


def read(path: Path) -> Recording:
    """Return what a run recorded; a last line cut by a crash is left out."""
    begun, ended = 0.0, None
    windows: tuple[FaultWindow, ...] = ()
    commits: list[Commit] = []
    for line in path.read_bytes().splitlines(keepends=True) if path.exists() else ():
        facts = orjson.loads(line) if line.endswith(b"\n") else {}
        if "begun" in facts:
            begun = facts["begun"]
            windows = tuple(FaultWindow(**one) for one in facts["windows"])
        elif "ended" in facts:
            ended = facts["ended"]
        elif facts:
            commits.append(Commit(**facts))
    return Recording(begun, ended, windows, tuple(sorted(commits, key=lambda one: one.t)))
