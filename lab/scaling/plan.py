"""What a scalability run measures, and the rounds in which its child process is told to."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from random import Random
from typing import Any, Self

import orjson

from lab.load.error import LoadError
from lab.load.plan import LoadPlan
from lab.model.words import Growth
from lab.scaling.cell import CONTROL, Cell

PLAN_FILE = "plan.json"
SIZES = (125, 250, 500, 1000, 2000)
CONCURRENCIES = (1, 2, 4, 8, 16)
ROUTES = ("read", "search", "poll", "chart")
FIRST = "first-size"
"""The route of the first size's requests, asked again at each size of an application that grows in place."""

FEWEST_REPETITIONS = 3
FEWEST_SIZES = 3


@dataclass(frozen=True)
class Limits:
    """What must hold for a figure to be believed, as shares of one: the most of each."""

    cpu: float = 0.70
    errors: float = 0.001
    drift: float = 0.20


@dataclass(frozen=True)
class ScalePlan:
    """Both sweeps: ``sizes`` in patients at ``least`` callers, ``concurrencies`` at the largest size.

    A repetition plays every cell once, in an order of its own; number 0 warms up and counts for nothing.
    They are added, up to ``most_repetitions``, until each cell counts ``repetitions`` times and every
    class is known. A cell
    lasts ``cell_s`` seconds at most, or ``cell_requests`` for each caller. ``held`` is how many patients the
    application says that it holds at each size, -1 where it does not say.
    """

    sizes: tuple[int, ...] = SIZES
    concurrencies: tuple[int, ...] = CONCURRENCIES
    routes: tuple[str, ...] = ROUTES
    repetitions: int = 5
    most_repetitions: int = 15
    cell_s: float = 0.5
    cell_requests: int = 200
    seed: int = 2023
    at_most: Growth = Growth.LINEAR
    interleaved: bool = True
    held: tuple[int, ...] = ()
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        """Refuse sweeps from which nothing could be said, before anything is started.

        Raises:
            LoadError: with what was expected and what was seen.
        """
        if len(self.sizes) < FEWEST_SIZES or not _rising(self.sizes):
            message = (
                f"Sizes are at least {FEWEST_SIZES} whole numbers above 0 that rise, such as "
                f"125,250,500,1000,2000, not {_said(self.sizes)}."
            )
            raise LoadError(message)
        if (
            not self.concurrencies
            or not _rising(self.concurrencies)
            or self.concurrencies[-1] > _MOST_CALLERS
        ):
            message = (
                f"Concurrencies are whole numbers above 0 that rise, {_MOST_CALLERS} at most, such as "
                f"1,2,4,8,16, not {_said(self.concurrencies)}."
            )
            raise LoadError(message)
        if not FEWEST_REPETITIONS <= self.repetitions <= self.most_repetitions:
            message = (
                f"Repetitions are {FEWEST_REPETITIONS} or more and no more than --most-repetitions "
                f"({self.most_repetitions}), not {self.repetitions}."
            )
            raise LoadError(message)

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Every cell of one repetition, the control aside."""
        fewest, largest = self.concurrencies[0], self.sizes[-1]
        by_size = [Cell(size, route, fewest) for size in self.sizes for route in self.routes]
        by_callers = [Cell(largest, route, n) for n in self.concurrencies[1:] for route in self.routes]
        return (*by_size, *by_callers)

    def order(self, repetition: int) -> tuple[Cell, ...]:
        """Return the cells of one repetition as they are played: sizes mixed, a control around each."""
        cells = list(self.cells)
        Random(f"{self.seed}:{repetition}").shuffle(cells)  # noqa: S311 - a reproducible order, no secret
        if not self.interleaved:
            cells.sort(key=lambda cell: cell.size)
        return _controlled(cells)

    def order_at(self, size: int, repetition: int) -> tuple[Cell, ...]:
        """Return the cells of one repetition at one size: all that can be played of a size in place."""
        cells = [cell for cell in self.cells if cell.size == size]
        Random(f"{self.seed}:{size}:{repetition}").shuffle(cells)  # noqa: S311 - a reproducible order, no secret
        return _controlled(cells)

    def to_json(self) -> bytes:
        """Return the plan as JSON; it holds no secret."""
        return orjson.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        """Return the plan that ``to_json`` wrote."""
        data: dict[str, Any] = orjson.loads(text)
        for name in ("sizes", "concurrencies", "routes", "held"):
            data[name] = tuple(data[name])
        return cls(**data | {"limits": Limits(**data["limits"]), "at_most": Growth(data["at_most"])})


@dataclass(frozen=True)
class Round:
    """One repetition, ready to be played: who asks what at each size; size 0 is the control.

    ``cells`` come by three: a control, what is measured, a control. ``drift`` is how much slower than at its
    best the control may be, as a share.
    """

    repetition: int
    seed: int
    cell_s: float
    cell_requests: int
    drift: float
    cells: tuple[Cell, ...]
    targets: dict[int, LoadPlan]

    def to_json(self) -> bytes:
        """Return the round as one line of JSON, secrets included: it only ever goes through a pipe."""
        data = {
            "repetition": self.repetition,
            "seed": self.seed,
            "cell_s": self.cell_s,
            "cell_requests": self.cell_requests,
            "drift": self.drift,
            "cells": [asdict(cell) for cell in self.cells],
            "targets": {str(size): orjson.Fragment(one.to_json()) for size, one in self.targets.items()},
        }
        return orjson.dumps(data) + b"\n"

    @classmethod
    def from_json(cls, line: bytes) -> Self:
        """Return the round of a line."""
        data: dict[str, Any] = orjson.loads(line)
        data["cells"] = tuple(Cell(**cell) for cell in data["cells"])
        data["targets"] = {
            int(size): LoadPlan.from_json(orjson.dumps(one)) for size, one in data["targets"].items()
        }
        return cls(**data)


_MOST_CALLERS = 256


def _controlled(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """Return cells with a control around each."""
    control = Cell(0, CONTROL, 1)
    return tuple(one for cell in cells for one in (control, cell, control))


def _rising(numbers: Sequence[int]) -> bool:
    return numbers[0] > 0 and all(a < b for a, b in pairwise(numbers))


def _said(numbers: Sequence[int]) -> str:
    return ",".join(map(str, numbers)) or "none"
