"""What the answers of a load were worth as FHIR: how many were judged, how deeply, and what was wrong.

Nothing here is a value that a resource held: places, rules and counts.
"""

from dataclasses import dataclass

from lab.model.text import Text


@dataclass(frozen=True)
class Unjudged:
    """So many answers that nobody judged, and why."""

    reason: Text
    answers: int


@dataclass(frozen=True)
class Wrong:
    """One defect of the answers to one kind of request.

    ``where`` is the element, from the resource that holds it (``Patient.name.family``; empty for an answer
    that is no resource), ``rule`` the key of an invariant or a name, ``says`` the same in words. ``answers``
    were wrong in that way, ``distinct`` of them different. ``deep`` tells that only the deep path saw it.
    """

    route: str
    where: str
    rule: str
    says: Text
    answers: int
    distinct: int
    deep: bool


@dataclass(frozen=True)
class RouteAnswers:
    """The answers to one kind of request; ``distinct`` and ``deep`` count different bodies."""

    name: str
    answers: int
    judged: int
    distinct: int
    deep: int
    invalid: int


@dataclass(frozen=True)
class Answers:
    """Every answered body of a run: ``judged`` by the fast path, ``deep`` distinct ones by the deep path too.

    ``wrong`` is at most so long; ``more`` counts the defects that it leaves out.
    """

    answers: int
    judged: int
    distinct: int
    deep: int
    invalid: int
    routes: tuple[RouteAnswers, ...]
    unjudged: tuple[Unjudged, ...]
    wrong: tuple[Wrong, ...]
    more: int = 0
