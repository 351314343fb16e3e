"""What the store asks of a database: the one seam between it and SQLite or PostgreSQL.

The store writes its SQL once, in what both databases understand, with ``?`` for values; what one of them says
otherwise stands in the file of its connection.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

from lab.model.release import Release


class StoreError(RuntimeError):
    """A store that this server cannot serve."""


class OverdueError(Exception):
    """A request that took longer than it may."""


class Cursor(Protocol):
    """The rows of one statement; those of a statement that gives none are none."""

    def fetchone(self) -> Any:
        """Return the next row, None at the end."""

    def fetchall(self) -> list[Any]:
        """Return the rows that are left."""

    def fetchmany(self, size: int) -> list[Any]:
        """Return the next rows, none at the end."""

    def __iter__(self) -> Any:
        """Yield the rows."""


class Connection(Protocol):
    """One connection; ``Error`` and ``IntegrityError`` are the classes of what it raises (PEP 249)."""

    @property
    def Error(self) -> type[Exception]:  # noqa: N802 - as PEP 249 spells it
        """Return the class of all failures."""

    @property
    def IntegrityError(self) -> type[Exception]:  # noqa: N802
        """Return the class of the refusal of a row whose key is taken."""

    @property
    def in_transaction(self) -> bool:
        """Tell whether a transaction is open."""

    @property
    def total_changes(self) -> int:
        """Return how many rows this connection has written."""

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Cursor:
        """Run one statement."""

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> Cursor:
        """Run one statement with each of the rows of values."""

    def append(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Insert new rows, be they one or a million."""

    def inserted(self, sql: str, key: str, parameters: Sequence[Any]) -> int:
        """Insert one row and return the number that the database has given it in the column ``key``."""

    def begin(self, *, writes: bool) -> None:
        """Begin a transaction: the only one that writes, after those before, or one that sees one state."""

    def commit(self) -> None:
        """Keep what the transaction has written."""

    def rollback(self) -> None:
        """Undo what the transaction has written."""

    def begin_load(self) -> None:
        """Begin to fill an empty store that is thrown away if this fails: `end_load` or `rollback` follow."""

    def rows_loaded(self) -> None:
        """Learn that all rows are there, their indexes to come."""

    def end_load(self) -> None:
        """Keep what was loaded."""

    def relax(self) -> None:
        """Let a power cut undo the last writes of this connection: they can be made again."""

    def written_by_others(self) -> object:
        """Return what is another value once this connection sees what another one has written."""

    def within(self, seconds: float) -> AbstractContextManager[None]:
        """Give the statements inside that much time together, or raise `OverdueError`."""

    def calls(self, unpack: Callable[[bytes], bytes], release: Release) -> bool:
        """Learn to read what a row holds of a resource; tell whether SQL can call what reads it here."""

    def tables(self) -> set[str]:
        """Return the names of the tables."""

    def indexes(self) -> set[str]:
        """Return the names of the indexes that were made by name."""

    def make_tables(self, text: str) -> None:
        """Make tables, written for SQLite, with a semicolon between them."""

    def make_index(self, name: str, columns: str) -> None:
        """Make an index on ``table(columns)``, all of which may be searched and sorted by."""

    def settle(self) -> None:
        """Make reads fast after many writes."""

    def close(self) -> None:
        """Close the connection."""


class StoreAddress(Protocol):
    """Where a store is; ``str`` of it is safe to show."""

    @property
    def name(self) -> str:
        """Return what a message calls it: no secret is in it."""

    @property
    def shared(self) -> bool:
        """Tell whether other machines may use the store too, under other addresses."""

    def connect(self, *, beside: bool = False) -> Connection:
        """Open one more connection; one that is ``beside`` another needs less memory.

        Raises:
            StoreError: what is there is no store, or cannot be reached.
        """

    def unusable(self, error: Exception) -> StoreError:
        """Return what to say of a store that fails as it is opened."""
