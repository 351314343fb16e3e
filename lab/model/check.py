"""A check verifies requirements; a probe is a check with a security level that attacks."""

from dataclasses import dataclass

from lab.model.text import Text
from lab.model.words import Expectation, Role, Severity, Suite


@dataclass(frozen=True)
class Check:
    """The identity card of one check, whole enough to print without running it.

    ``acts`` are what the gateway must play before it can judge; ``twins`` says that it compares two instances
    of the application.
    """

    id: str
    title: Text
    role: Role
    suite: Suite
    expectation: Expectation
    severity: Severity
    failure: Text
    remedy: Text
    requirements: tuple[str, ...] = ()
    level: int | None = None
    acts: tuple[str, ...] = ()
    twins: bool = False
