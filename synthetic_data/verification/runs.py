"""Sets of numbers as runs of consecutive ones: the ids of a whole block are most often one run.

A set is an array of shape (runs, 2): first and last number of each run, both included, in increasing order.
"""

from collections.abc import Sequence

import numpy as np

from synthetic_data.verification.keys import Ints


def runs_of(numbers: Ints) -> tuple[Ints, Ints]:
    """Give the set of these numbers, and those that were there more than once."""
    if len(numbers) == 0:
        return np.empty((0, 2), np.int64), numbers
    steps = np.diff(numbers)
    if (steps < 0).any():
        # Neighbours are often equal: taking them once first makes the sort much shorter.
        repeated_neighbours = numbers[1:][steps == 0]
        numbers = np.sort(numbers[np.concatenate([[True], steps != 0])])
        steps = np.diff(numbers)
        repeated = np.concatenate([repeated_neighbours, numbers[1:][steps == 0]])
    else:
        repeated = numbers[1:][steps == 0]
    breaks = np.flatnonzero(steps > 1)
    first = numbers[np.concatenate([[0], breaks + 1])]
    last = numbers[np.concatenate([breaks, [len(numbers) - 1]])]
    return np.stack([first, last], axis=1), repeated


def union(sets: Sequence[Ints]) -> tuple[Ints, Ints]:
    """Give the union of several sets, and the numbers at which two of them overlap (one for each overlap)."""
    every = np.concatenate(sets) if sets else np.empty((0, 2), np.int64)
    if len(every) == 0:
        return every, np.empty(0, np.int64)
    every = every[np.argsort(every[:, 0], kind="stable")]
    reach = np.maximum.accumulate(every[:, 1])
    shared = every[1:, 0][every[1:, 0] <= reach[:-1]]
    apart = np.flatnonzero(every[1:, 0] > reach[:-1] + 1)
    first = every[np.concatenate([[0], apart + 1]), 0]
    last = reach[np.concatenate([apart, [len(every) - 1]])]
    return np.stack([first, last], axis=1), shared


def outside(wanted: Ints, known: Ints) -> Ints:
    """Give the runs of `wanted` that are not entirely in `known`."""
    if len(known) == 0:
        return wanted
    place = np.searchsorted(known[:, 0], wanted[:, 0], side="right") - 1
    inside = (place >= 0) & (wanted[:, 1] <= known[place, 1])
    return wanted[~inside]


def first_missing(run: Ints, known: Ints) -> int:
    """Give the first number of a run, shape (2,), that is not in `known`."""
    place = int(np.searchsorted(known[:, 0], run[0], side="right")) - 1
    covered = place >= 0 and run[0] <= known[place, 1]
    return int(known[place, 1]) + 1 if covered else int(run[0])
