"""How a check is declared, what it gives, and how those of the folder are found.

A check is one file in `checks/` with a `CHECK`. Its `gather` runs in the workers, once for each part of a
block, and gives what little the whole needs (an arbitrary dict; `defects` in it is a list of Defect). Its
`judge` runs once, over what was gathered from the blocks in order.
"""

import pkgutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

from synthetic_data.verification import checks
from synthetic_data.verification.blocks import Block
from synthetic_data.verification.hospital import Hospital
from synthetic_data.verification.instants import Texts
from synthetic_data.verification.keys import Flags

MOST_EXAMPLES = 20


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is wrong, `count` times; `example_id` and `seen` are those of the first case."""

    check: str
    file: str
    what: str
    expected: str
    seen: str
    example_id: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What was read of one block: its number in the file, lines and bytes before compression, their SHA-256.

    `trouble`: why it could not be read well.
    """

    file: str
    number: int
    lines: int
    size: int
    digest: bytes
    trouble: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Readings:
    """What was read of the folder: its blocks in order, and the SHA-256 of its files by name."""

    blocks: Sequence[Reading]
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """What the `gather` of a check gave for one part of a block."""

    file: str
    block: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a check concludes; `applicable` is false when the hospital has nothing to judge."""

    defects: tuple[Defect, ...] = ()
    numbers: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    applicable: bool = True


Gather = Callable[[Block, Hospital], Mapping[str, Any] | None]
Judge = Callable[[Hospital, Sequence[Gathered], Readings], Judgement]


@dataclass(frozen=True, slots=True)
class Check:
    """One rule that a hospital obeys. `types`: the resource types its `gather` looks at, empty for all."""

    name: str
    about: str
    judge: Judge
    gather: Gather | None = None
    types: frozenset[str] = frozenset()

    def looks_at(self, type_: str) -> bool:
        """Tell whether the check reads resources of this type."""
        return self.gather is not None and (not self.types or type_ in self.types)


@cache
def all_checks() -> tuple[Check, ...]:
    """Give the checks of the folder `checks/`, by file name."""
    names = sorted(module.name for module in pkgutil.iter_modules(checks.__path__))
    return tuple(import_module(f"{checks.__name__}.{name}").CHECK for name in names)


def found(
    check: str, block: Block, wrong: Flags, what: str, expected: str, seen: Texts | str
) -> list[Defect]:
    """Give the defect of the lines where `wrong` is true: none, or one with their count and first case."""
    rows = np.flatnonzero(wrong)
    if len(rows) == 0:
        return []
    row = int(rows[0])
    value = seen if isinstance(seen, str) else bytes(seen[row]).decode(errors="replace")
    return [Defect(check, block.file, what, expected, value, block.resource_id(row), len(rows))]


def together(gathered: Iterable[Gathered]) -> tuple[Defect, ...]:
    """Put the defects of all the blocks together: those of one kind and file become one."""
    merged: dict[tuple[str, ...], Defect] = {}
    for part in gathered:
        for defect in part.values.get("defects", ()):
            kind = (defect.check, defect.file, defect.what, defect.expected)
            first = merged.get(kind)
            merged[kind] = replace(first, count=first.count + defect.count) if first else defect
    return tuple(merged.values())


def total(gathered: Iterable[Gathered], name: str) -> Any:
    """Add up a number or an array over the blocks; 0 when no block has it."""
    return sum((part.values[name] for part in gathered if name in part.values), start=0)


def judged_by_defects(
    hospital: Hospital,  # noqa: ARG001 - the signature of every `judge`
    gathered: Sequence[Gathered],
    readings: Readings,  # noqa: ARG001
) -> Judgement:
    """Judge a check that finds everything in the blocks; its numbers are those named `checked ...` there."""
    names = sorted({name for part in gathered for name in part.values if name.startswith("checked")})
    numbers = {name: int(total(gathered, name)) for name in names}
    return Judgement(together(gathered), numbers, applicable=bool(gathered))
