"""Which cells can be trusted: those that stand between two controls that were as fast as the control can be.

Only the control decides, never what was measured of the application, so that leaving a cell out cannot favour
one result.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from lab.scaling.cell import CONTROL, Measured

_FLOOR = 0.10
"""The control at its best: its 10th percentile over the run, as its work never changes."""


@dataclass(frozen=True)
class Steadiness:
    """``counted`` are the cells to judge, ``disturbed`` how many were left out.

    ``p50`` is the control at its best, in ms; ``drift`` how much slower it was at most around a cell that
    counts, as a share. Both None without a control.
    """

    counted: tuple[Measured, ...]
    disturbed: int
    p50: float | None
    drift: float | None


def steadiness(cells: Sequence[Measured], most: float) -> Steadiness:
    """Return what counts among cells, given as they were played; ``most`` is the drift allowed."""
    played = [cell for cell in cells if cell.repetition > 0]
    controls = sorted(map(_pace, filter(_is_control, played)))
    known = [pace for pace in controls if pace < float("inf")]
    others = sum(not _is_control(cell) for cell in played)
    if not known:
        return Steadiness((), others, None, None)
    best = known[int(_FLOOR * (len(known) - 1))]
    counted: list[Measured] = []
    farthest = 0.0
    for before, cell, after in zip(played, played[1:], played[2:], strict=False):
        if _is_control(cell) or not (_is_control(before) and _is_control(after)):
            continue
        drift = max(_pace(before), _pace(after)) / best - 1
        if drift <= most:
            counted.append(cell)
            farthest = max(farthest, drift)
    return Steadiness(tuple(counted), others - len(counted), best, farthest if counted else None)


def _is_control(cell: Measured) -> bool:
    return cell.route == CONTROL


def _pace(cell: Measured) -> float:
    """Return the p50 of a control in ms, infinite when it did not answer."""
    return cell.percentile(50) if cell.service_us and not cell.errors else float("inf")
