"""The judgement of a run: one status, the one sentence why, the five levels, what to fix first."""

from dataclasses import dataclass

from lab.model.text import Text
from lab.model.words import LevelStatus, Severity, Status


@dataclass(frozen=True)
class LevelRow:
    """One row of the five-level matrix; ``worst`` is the id of its most serious failed probe."""

    level: int
    name: Text
    status: LevelStatus
    passed: int
    failed: int
    skipped: int
    omitted: int
    worst: str | None


@dataclass(frozen=True)
class Priority:
    """One of the at most five things to fix first; ``check`` is a check id or a load profile."""

    check: str
    title: Text
    message: Text
    remedy: Text
    severity: Severity


@dataclass(frozen=True)
class Verdict:
    """``security_level`` is the highest n such that levels 1..n hold, None when no probe was planned."""

    status: Status
    security_level: int | None
    reason: Text
    levels: tuple[LevelRow, ...] = ()
    priorities: tuple[Priority, ...] = ()
