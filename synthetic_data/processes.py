"""Spread tasks over processes: results come in the order of the tasks, few of them waiting."""

import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing import get_context
from typing import TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


def each(work: Callable[[Task], Result], tasks: Sequence[Task], workers: int, ahead: int) -> Iterator[Result]:
    """Do every task; with one worker, in this very process.

    `ahead`: tasks given to each worker before their results are taken, so that memory stays bounded.
    """
    if workers == 1 or len(tasks) <= 1:
        yield from map(work, tasks)
        return
    # Processes are started afresh: a fork would copy locks that library threads may hold.
    pool = ProcessPoolExecutor(min(workers, len(tasks)), get_context("spawn"), _leave_interruptions)
    waiting: deque[Future[Result]] = deque()
    try:
        for task in tasks:
            waiting.append(pool.submit(work, task))
            if len(waiting) >= ahead * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _leave_interruptions() -> None:
    """Let the parent alone react to Ctrl-C: it keeps what is done and ends the workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
