"""Spread tasks over processes and give the results in the order of the tasks."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

from synthetic_data.verification.folder import Folder
from synthetic_data.verification.work import set_up

Task = TypeVar("Task")
Result = TypeVar("Result")


class Crew:
    """Workers; without a pool, this very process does the work."""

    def __init__(self, pool: ProcessPoolExecutor | None) -> None:
        """Take the processes of a pool."""
        self._pool = pool

    def each(self, work: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """Do every task; results come in order, and are let go once taken."""
        if self._pool is None:
            yield from map(work, tasks)
            return
        waiting: list[Future[Any]] = [self._pool.submit(work, task) for task in tasks]
        waiting.reverse()
        while waiting:
            yield waiting.pop().result()


@contextmanager
def crew(workers: int, folder: Folder, tables: Path, validator: str | None) -> Iterator[Crew]:
    """Start the workers and end them, whatever happens: on Ctrl-C each finishes the block it is at."""
    if workers <= 1:
        set_up(folder, tables, validator, alone=False)
        yield Crew(None)
        return
    pool = ProcessPoolExecutor(workers, get_context("spawn"), set_up, (folder, tables, validator))
    try:
        yield Crew(pool)
    finally:
        pool.shutdown(cancel_futures=True)
