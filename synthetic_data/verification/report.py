"""What a verification concludes: one outcome for each check, with numbers and examples."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import orjson

from synthetic_data.verification.checking import Defect

OK, FAILED, NOT_APPLICABLE = "ok", "failed", "not applicable"


@dataclass(frozen=True, slots=True)
class Conclusion:
    """One check: its outcome, how many defects it found, a few of them, and the numbers it rests on.

    `seconds`: processor time spent in it by the workers.
    """

    check: str
    about: str
    outcome: str
    defects: int
    examples: tuple[Defect, ...]
    numbers: Mapping[str, Any]
    notes: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """A verified folder.

    `resources` lines, of `content_bytes` before compression, were read; `seconds` are those of the clock, or
    of processors when their names say so.
    """

    folder: str
    patients: int
    seed: int
    resources: int
    content_bytes: int
    workers: int
    validator: str | None
    seconds: Mapping[str, float]
    conclusions: tuple[Conclusion, ...]

    @property
    def ok(self) -> bool:
        """Tell whether no check failed."""
        return all(conclusion.outcome != FAILED for conclusion in self.conclusions)

    def of(self, check: str) -> Conclusion:
        """Give the conclusion of one check; StopIteration when there is no such check."""
        return next(conclusion for conclusion in self.conclusions if conclusion.check == check)

    def to_json(self) -> bytes:
        """Write the report."""
        options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
        return orjson.dumps({"ok": self.ok, **asdict(self)}, option=options)
