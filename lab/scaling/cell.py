"""A cell of a sweep, as it is asked for and as it was measured; one JSON line each, appended as they come."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

CELLS_FILE = "cells.jsonl"
CONTROL = "control"
"""The route of the control: our own answer, which depends on nothing but the machine."""


@dataclass(frozen=True)
class Cell:
    """What to measure: one route at one size (patients; 0 for the control) and one concurrency."""

    size: int
    route: str
    concurrency: int


@dataclass(frozen=True)
class Measured:
    """One cell played once, in one repetition (0 is the warm-up).

    ``service_us`` are the service times of right answers only, in microseconds, in the order of arrival.
    ``wrong`` counts the others by reason. ``elapsed_s`` is the mean time that a caller was at work, ``cpu``
    the share of a core that the generator used meanwhile.
    """

    repetition: int
    size: int
    route: str
    concurrency: int
    elapsed_s: float
    cpu: float
    service_us: tuple[int, ...]
    wrong: Mapping[str, int]

    @property
    def cell(self) -> Cell:
        """What was asked for."""
        return Cell(self.size, self.route, self.concurrency)

    @property
    def errors(self) -> int:
        """How many answers were not right."""
        return sum(self.wrong.values())

    @property
    def rate(self) -> float:
        """Right answers per second."""
        return len(self.service_us) / self.elapsed_s if self.elapsed_s > 0 else 0.0

    @property
    def mean_s(self) -> float:
        """The mean service time, in seconds."""
        return sum(self.service_us) / len(self.service_us) / 1e6 if self.service_us else 0.0

    def percentile(self, rank: float) -> float:
        """Return a percentile of the service times by nearest rank, in ms; there must be one."""
        ordered = sorted(self.service_us)
        return ordered[max(1, math.ceil(len(ordered) * rank / 100)) - 1] / 1000

    def to_json(self) -> bytes:
        """Return the line, without its end."""
        return orjson.dumps(asdict(self))


def from_json(line: bytes) -> Measured:
    """Return the measured cell of a line."""
    data: dict[str, Any] = orjson.loads(line)
    data["service_us"] = tuple(data["service_us"])
    return Measured(**data)


def read(path: Path) -> tuple[Measured, ...]:
    """Return the cells of a file in their order; a line that was being written is left out."""
    lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
    return tuple(from_json(line) for line in lines if line.endswith(b"\n"))


def of_route(cells: Iterable[Measured], route: str) -> list[Measured]:
    """Return the cells of one route."""
    return [cell for cell in cells if cell.route == route]
