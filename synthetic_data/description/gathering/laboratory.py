"""The laboratory results of a block: the values of each test, and who has many of the tests watched."""

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthetic_data.description.watched import WATCHED, Holders
from synthetic_data.verification.blocks import Block
from synthetic_data.verification.folder import DataFile
from synthetic_data.verification.frames import slices
from synthetic_data.verification.instants import Texts
from synthetic_data.verification.keys import Flags, Ints
from synthetic_data.verification.shapes import Shapes

Floats = NDArray[np.float64]
_ABNORMAL = (b"POS", b"A", b"AA")
Range = tuple[float, float]
"""Lowest and highest usual value; infinity where the laboratory gives no bound."""


@dataclass(slots=True, eq=False)
class TestTally:
    """One test (`code`: LOINC), filled block after block.

    `values` and `times`: each different value and how often it was met; `judged`: results that could be out
    of range, having a usual range or being a finding, and `out` those that are; `ranges`: usual ranges met.
    """

    code: str
    label: str
    unit: str
    count: int = 0
    values: Floats = field(default_factory=lambda: np.empty(0))
    times: Ints = field(default_factory=lambda: np.empty(0, np.int64))
    judged: int = 0
    out: int = 0
    ranges: dict[Range, int] = field(default_factory=dict)

    def add(self, other: "TestTally") -> None:
        """Add what another block found of the same test."""
        self.unit = self.unit or other.unit
        self.count, self.judged, self.out = (
            self.count + other.count, self.judged + other.judged, self.out + other.out
        )  # fmt: skip
        self.values, place = np.unique(np.concatenate([self.values, other.values]), return_inverse=True)
        self.times = np.bincount(
            place, np.concatenate([self.times, other.times]), minlength=len(self.values)
        ).astype(np.int64)
        for range_, times in other.ranges.items():
            self.ranges[range_] = self.ranges.get(range_, 0) + times


@dataclass(frozen=True, slots=True, eq=False)
class Laboratory:
    """`tests` by code; `holders`: by code of a watched test, patients or stays with enough results of it."""

    tests: dict[str, TestTally]
    holders: dict[str, Holders]

    @property
    def count(self) -> int:
        """Give the number of results."""
        return sum(test.count for test in self.tests.values())


def laboratory_of(content: bytes, file: DataFile, shapes: Shapes) -> Laboratory:
    """Read laboratory results; other observations that the file may hold are left out."""
    parts = [_read(Block(file.name, file.type, part, shapes)) for part in slices(content)]
    tests = {tally.code: tally for tally in _tallies(_whole(parts))} if parts else {}
    watched = {
        test: [(one.patient[rows], one.encounter[rows]) for one in parts for rows in [one.of(test.code)]]
        for test in WATCHED
    }
    return Laboratory(tests, {test.code: test.holders(held) for test, held in watched.items()})


def merged(parts: list[Laboratory]) -> dict[str, TestTally]:
    """Put the tests of all blocks together."""
    whole: dict[str, TestTally] = {}
    for part in parts:
        for code, tally in part.tests.items():
            whole.setdefault(code, TestTally(code, tally.label, tally.unit)).add(tally)
    return whole


@dataclass(frozen=True, slots=True, eq=False)
class _Results:
    """One row for each result; NaN where there is no number. `found`: a finding that is not normal."""

    code: Texts
    label: Texts
    unit: Texts
    patient: Texts
    encounter: Texts
    value: Floats
    low: Floats
    high: Floats
    found: Flags

    def of(self, code: str) -> Ints:
        """Give the rows of one test."""
        return np.flatnonzero(self.code == code.encode())


def _read(block: Block) -> _Results:
    if block.broken:
        raise ValueError(next(iter(block.broken.values())))
    every = np.ones(len(block), bool)
    of_laboratory = block.text("category[0].coding[0].code") == b"laboratory"
    return _Results(
        code=np.where(of_laboratory, block.text("code.coding[0].code"), b""),
        label=block.text("code.text"),
        unit=block.text("valueQuantity.unit"),
        patient=block.text("subject.reference"),
        encounter=block.text("encounter.reference"),
        value=block.numbers("valueQuantity.value", every),
        low=block.numbers("referenceRange[0].low.value", every),
        high=block.numbers("referenceRange[0].high.value", every),
        found=np.isin(block.text("interpretation[0].coding[0].code"), _ABNORMAL),
    )


def _whole(parts: list[_Results]) -> _Results:
    columns: dict[str, Any] = {
        one.name: np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(_Results)
    }
    return _Results(**columns)


def _tallies(results: _Results) -> list[TestTally]:
    """Count the tests of a block, lines sorted by test."""
    known, first, rank = np.unique(results.code, return_index=True, return_inverse=True)
    order = np.argsort(rank, kind="stable")
    ends = np.cumsum(np.bincount(rank, minlength=len(known)))
    is_finding = np.isnan(results.value)
    judged = is_finding | ~(np.isnan(results.low) & np.isnan(results.high))
    beyond = (results.value < results.low) | (results.value > results.high)
    out = np.where(is_finding, results.found, beyond)
    tallies = []
    for place, name in enumerate(known):
        if name:
            rows = order[ends[place - 1] if place else 0 : ends[place]]
            label, unit = _text(results.label[first[place]]), _text(results.unit[first[place]])
            tally = TestTally(_text(name), label or _text(name), unit, len(rows))
            tally.judged, tally.out = int(judged[rows].sum()), int(out[rows].sum())
            _add_numbers(tally, results, rows[~is_finding[rows]])
            tallies.append(tally)
    return tallies


def _add_numbers(tally: TestTally, results: _Results, rows: Ints) -> None:
    tally.values, times = np.unique(results.value[rows], return_counts=True)
    tally.times = times.astype(np.int64)
    # NaN is equal to nothing, not even to itself: infinity stands for it while ranges are compared.
    low, high = (np.nan_to_num(bound[rows], nan=np.inf) for bound in (results.low, results.high))
    order = np.lexsort((high, low))
    low, high = low[order], high[order]
    starts = np.flatnonzero(np.append(True, (low[1:] != low[:-1]) | (high[1:] != high[:-1]))[: len(low)])
    counts = np.diff(np.append(starts, len(low)))
    tally.ranges = {
        (float(low[start]), float(high[start])): int(n) for start, n in zip(starts, counts, strict=True)
    }


def _text(value: bytes) -> str:
    return value.decode(errors="replace")
