"""The connection of a store: queries, what is remembered of them, transactions, time limits."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar

from lab.fhirserver.storage.connection import Connection

_MOST_MEMOS = 10_000

Made = TypeVar("Made")


class Database:
    """The only holder of the connection."""

    def __init__(self, connection: Connection) -> None:
        self._memos: dict[tuple[Any, ...], Any] = {}
        self._memos_of: tuple[object, int] | None = None
        self._looked, self._others = False, object()
        self._connection = connection

    @property
    def errors(self) -> type[Exception]:
        """Return the class of what the database raises: see ``storage_failure``."""
        return self._connection.Error

    def begun(self) -> None:
        """Do what is part of every transaction, at its beginning."""

    def committing(self) -> None:
        """Do what is part of every transaction that writes, at its end."""

    def committed(self, *, kept: bool) -> None:
        """Do what follows a transaction, whether it was kept or undone."""

    def close(self) -> None:
        """Close the connection."""
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
            self._others = self._connection.written_by_others()
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
        self._connection.begin(writes=mode == "immediate")
        try:
            self.begun()
            yield
            self.committing()
            self._connection.commit()
        except BaseException:
            if self._connection.in_transaction:
                self._connection.rollback()
            self._memos_of = None
            self.committed(kept=False)
            raise
        finally:
            self._looked = False
        self.committed(kept=True)

    def within(self, seconds: float) -> AbstractContextManager[None]:
        """Give the statements inside that much time together: one that is long blocks every client.

        Raises:
            OverdueError: they took longer; what was written inside is undone.
        """
        return self._connection.within(seconds)

    def relax(self) -> None:
        """Let a power cut undo the last writes made here: they can be made again."""
        self._connection.relax()

    def settle(self) -> None:
        """Make reads fast after a bulk load."""
        self._connection.settle()
