"""Draw blocks in several processes and give them in order, with no more than a few waiting."""

from collections.abc import Iterator, Sequence
from functools import partial

from synthetic_data.folder.block_part import BlockPart, block_part
from synthetic_data.plan import HospitalPlan
from synthetic_data.processes import each

_AHEAD = 2  # blocks drawn or being drawn for each worker


def drawn_blocks(
    plan: HospitalPlan, numbers: Sequence[int], format_: str, workers: int
) -> Iterator[BlockPart]:
    """Give the parts of these blocks in order; they do not depend on `workers`."""
    return each(partial(block_part, plan, format_=format_), numbers, workers, _AHEAD)
