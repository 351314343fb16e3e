"""Say which checks verify each requirement, and which requirement has neither a check nor a reason."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lab.model.check import Check
from lab.model.requirement import Requirement
from lab.model.words import Expectation


@dataclass(frozen=True)
class Covered:
    """A requirement and the ids of the checks that verify it."""

    requirement: Requirement
    checks: tuple[str, ...]

    @property
    def set(self) -> str:
        """Return the name of the set."""
        return self.requirement.id.partition("@")[0]

    @property
    def explained(self) -> bool:
        """Tell whether a check verifies it, or a reason says why none does."""
        return bool(self.checks or self.requirement.not_tested_reason)

    @property
    def owed(self) -> bool:
        """Tell whether it is a SHALL that nothing verifies and nothing explains."""
        return self.requirement.expectation is Expectation.SHALL and not self.explained


@dataclass(frozen=True)
class Total:
    """The counts of one set; ``owed`` are SHALL with neither check nor reason."""

    set: str
    requirements: int
    tested: int
    reasoned: int
    owed: int


def coverage(known: Mapping[str, Requirement], cards: Iterable[Check]) -> tuple[Covered, ...]:
    """Return each requirement with its checks, in the order of the requirements.

    Raises:
        LookupError: a check names a requirement that no set holds.
    """
    verified: dict[str, list[str]] = {id_: [] for id_ in known}
    for card in cards:
        for id_ in card.requirements:
            if id_ not in verified:
                message = f"{card.id} verifies {id_}, which no file of lab/requirements/ holds."
                raise LookupError(message)
            verified[id_].append(card.id)
    return tuple(Covered(known[id_], tuple(checks)) for id_, checks in verified.items())


def totals(covered: Iterable[Covered]) -> tuple[Total, ...]:
    """Return the counts of each set, in the order of the sets."""
    by_set: dict[str, list[Covered]] = {}
    for one in covered:
        by_set.setdefault(one.set, []).append(one)
    return tuple(
        Total(
            name,
            requirements=len(rows),
            tested=sum(bool(row.checks) for row in rows),
            reasoned=sum(not row.checks and row.explained for row in rows),
            owed=sum(row.owed for row in rows),
        )
        for name, rows in by_set.items()
    )
