"""Whether what is answered under load is FHIR: ``invalid == 0``, ``page: invalid == 0``, ``invalid < 0.1%``.

Judged after the run, on every answer that was judged at all; with none it is not met.
"""

import re
from dataclasses import dataclass

from lab.load.interval import of_share
from lab.model.answers import Answers
from lab.model.load import Threshold

NONE_INVALID = "invalid == 0"
"""What holds for every profile that does not say otherwise."""

_GRAMMAR = re.compile(r"(?:([\w-]+)\s*:)?\s*invalid\s*(?:(==)\s*0|<\s*(\d+(?:\.\d+)?)\s*%)")
_ALL = "all"


@dataclass(frozen=True)
class Soundness:
    """A threshold on invalid answers, read; ``limit`` is in per cent of those judged, None for not one."""

    expression: str
    route: str
    limit: float | None

    def judge(self, answers: Answers | None) -> Threshold:
        """Return the threshold over what the answers were worth: a count, or a share in per cent."""
        rows = [row for row in answers.routes if self.route in {_ALL, row.name}] if answers else []
        judged, invalid = sum(row.judged for row in rows), sum(row.invalid for row in rows)
        if not judged:
            return Threshold(self.expression, None, met=False, samples=0)
        if self.limit is None:
            return Threshold(self.expression, float(invalid), invalid == 0, judged)
        low, high = (100 * end for end in of_share(invalid, judged))
        share = 100 * invalid / judged
        return Threshold(self.expression, share, share < self.limit, judged, low, high)


def read_soundness(expression: str) -> Soundness | None:
    """Return the threshold that an expression says, None when it is about something else."""
    match = _GRAMMAR.fullmatch(expression.strip())
    if match is None:
        return None
    return Soundness(expression, match[1] or _ALL, None if match[2] else float(match[3]))


def with_soundness(thresholds: tuple[str, ...]) -> tuple[str, ...]:
    """Return thresholds of a profile, with that of every profile unless they say their own."""
    return thresholds if any(map(read_soundness, thresholds)) else (*thresholds, NONE_INVALID)
