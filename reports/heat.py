"""The heat map of latencies: how many requests of a point in time took how long, as shades behind the lines.

A second of a run carries (bin, count) pairs; bin b holds 10^(b/5) to 10^((b+1)/5) ms.
"""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

BINS_A_DECADE = 5
SHADES = 5
"""Few, so that each can be told from the next in grey; the darkest is half of the largest count and more."""


@dataclass(frozen=True)
class Shade:
    """All the cells of one shade, from 1 (few requests) to 5 (most), as one path."""

    level: int
    path: str


def ends(counts: Iterable[Mapping[int, int]]) -> tuple[float, float] | None:
    """Return the lowest and highest latency in ms that the cells cover, None when there is none."""
    bins = {number for one in counts for number in one}
    if not bins:
        return None
    return _edge(min(bins)), _edge(max(bins) + 1)


def shades(
    columns: Iterable[tuple[float, float, Mapping[int, int]]], y: Callable[[float], float]
) -> tuple[Shade, ...]:
    """Return the cells of columns, each from its left to its right end; ``y`` places a latency."""
    placed = [column for column in columns if column[2]]
    most = max((count for *_, counts in placed for count in counts.values()), default=0)
    paths: dict[int, list[str]] = {}
    for left, right, counts in placed:
        for number, count in counts.items():
            top, bottom = y(_edge(number + 1)), y(_edge(number))
            cell = f"M{left:.1f} {top:.1f}H{right:.1f}V{bottom:.1f}H{left:.1f}z"
            # By halves of the largest count: one slow request in a thousand is still to be seen.
            level = max(1, SHADES - math.floor(math.log2(most / count)))
            paths.setdefault(level, []).append(cell)
    return tuple(Shade(level, "".join(cells)) for level, cells in sorted(paths.items()))


def _edge(number: int) -> float:
    return math.pow(10, number / BINS_A_DECADE)
