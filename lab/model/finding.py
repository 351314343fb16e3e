"""What a check showed on one application, with the exchanges that prove it."""

from dataclasses import dataclass

from lab.model.check import Check
from lab.model.text import Text
from lab.model.words import Outcome


@dataclass(frozen=True)
class Finding:
    """The outcome of one check; ``evidence`` holds exchange ids of the journal."""

    check: Check
    outcome: Outcome
    message: Text
    evidence: tuple[str, ...] = ()
