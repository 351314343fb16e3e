"""The connection to the file of a store: queries, what is remembered of them, transactions, time limits.

Statements run inline, on one connection: a query takes microseconds and a thread switch more.
Spec: https://www.sqlite.org/wal.html
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any, TypeVar

_MOST_MEMOS = 10_000
_STEPS = 20_000  # instructions of SQLite between two looks at the clock: well under a millisecond

Made = TypeVar("Made")


class OverdueError(Exception):
    """A request that took longer than it may."""


class Database:
    """The only holder of the connection."""

    def __init__(self, path: Path) -> None:
        """Open the file, or make it."""
        self._memos: dict[tuple[Any, ...], Any] = {}
        self._memos_of: tuple[int, int] | None = None
        self._looked, self._others = False, 0
        self._connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, cached_statements=512
        )

    def committing(self) -> None:
        """Do what is part of every transaction that writes, at its end."""

    def committed(self, *, kept: bool) -> None:
        """Do what follows a transaction, whether it was kept or undone."""

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def rows(self, sql: str, args: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return self._connection.execute(sql, tuple(args)).fetchall()

    def memo(self, key: tuple[Any, ...], make: Callable[[], Made]) -> Made:
        """Return what depends on the content of the store, made again once anybody has written."""
        self._forget_if_written()
        found: Made | None = self._memos.get(key)
        if found is None:
            found = self._memos[key] = make()
        return found

    def remembered(self, sql: str, args: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query that many requests repeat, read again once anybody has written."""
        return self.memo((sql, args), lambda: self.rows(sql, args))

    def _forget_if_written(self) -> None:
        if not self._looked:  # what others wrote is not seen before the end of a transaction
            self._looked = self._connection.in_transaction
            (self._others,) = self._connection.execute("pragma data_version").fetchone()
        state = (self._others, self._connection.total_changes)
        if state != self._memos_of or len(self._memos) > _MOST_MEMOS:
            self._memos, self._memos_of = {}, state

    @contextmanager
    def transaction(self, mode: str = "immediate") -> Iterator[None]:
        """Make the writes inside all or nothing; inside another transaction, join it.

        With the mode ``deferred`` and reads only, the statements inside see one state of the store.
        """
        if self._connection.in_transaction:
            yield
            return
        self._looked = False
        self._connection.execute(f"begin {mode}")
        try:
            yield
            self.committing()
            self._connection.execute("commit")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("rollback")
            self._memos_of = None
            self.committed(kept=False)
            raise
        finally:
            self._looked = False
        self.committed(kept=True)

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Give the statements inside that much time together: one that is long blocks every client.

        Raises:
            OverdueError: they took longer; what was written inside is undone.
        """
        deadline = monotonic() + seconds
        self._connection.set_progress_handler(lambda: monotonic() > deadline, _STEPS)
        try:
            yield
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                raise OverdueError from None
            raise
        finally:
            self._connection.set_progress_handler(None, 0)

    def checkpoint(self) -> None:
        """Move what has been written from the log into the file: after a bulk load, reads are faster."""
        self._connection.execute("pragma wal_checkpoint(truncate)").fetchall()
