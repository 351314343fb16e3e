"""Draw blocks in several processes and give them in order, with no more than a few waiting."""

import signal
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context

from synthetic_data.folder.block_part import BlockPart, block_part
from synthetic_data.plan import HospitalPlan

_AHEAD = 2  # blocks drawn or being drawn for each worker, so that memory stays bounded


def drawn_blocks(
    plan: HospitalPlan, numbers: Sequence[int], format_: str, workers: int
) -> Iterator[BlockPart]:
    """Give the parts of these blocks in order; they do not depend on `workers`."""
    if workers == 1 or len(numbers) == 1:
        for number in numbers:
            yield block_part(plan, number, format_)
        return
    # Processes are started afresh: a fork would copy locks that library threads may hold.
    with ProcessPoolExecutor(workers, get_context("spawn"), initializer=_leave_interruptions) as pool:
        waiting: deque[Future[BlockPart]] = deque()
        try:
            for number in numbers:
                waiting.append(pool.submit(block_part, plan, number, format_))
                if len(waiting) >= _AHEAD * workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _leave_interruptions() -> None:
    """Let the parent alone react to Ctrl-C: it writes what is done and ends the workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
