"""The store in one SQLite file: how to open it, what one writer and many readers are there.

Statements run inline, on one connection: a query takes microseconds and a thread switch more.
Spec: https://www.sqlite.org/wal.html
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import lru_cache
from math import inf
from pathlib import Path
from time import monotonic
from typing import Any

from lab.fhirserver.storage import functions
from lab.fhirserver.storage.connection import OverdueError, StoreError
from lab.model.release import Release

_STEPS = 20_000  # instructions of SQLite between two looks at the clock: well under a millisecond

PRAGMAS = (
    "page_size = 8192",
    "locking_mode = normal",
    "journal_mode = wal",
    "synchronous = full",  # an acknowledged write survives the machine losing power
    "busy_timeout = 5000",
    "cache_size = -65536",
    "mmap_size = 2147418112",
    "temp_store = memory",
)

_FILLING = (
    "journal_mode = off",
    "synchronous = off",
    "locking_mode = exclusive",
    "cache_size = -200000",
    "mmap_size = 0",  # pages of the file would count as memory of the process
    "threads = 2",
    "temp_store = file",
)
"""For a bulk load into a file that is thrown away when it fails."""


class SqliteConnection(sqlite3.Connection):
    """See ``Connection``: what is not here is that of the standard library."""

    def configure(self) -> None:
        """Set what holds for the connection, not for the file."""
        self._set(PRAGMAS)
        self._deadline = inf
        self.set_progress_handler(lambda: monotonic() > self._deadline, _STEPS)

    def append(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Insert new rows."""
        self.executemany(_insert(table, tuple(columns)), rows)

    def inserted(self, sql: str, key: str, parameters: Sequence[Any]) -> int:  # noqa: ARG002 - the row id
        """Insert one row and return its number."""
        return int(self.execute(sql, parameters).lastrowid or 0)

    def begin(self, *, writes: bool) -> None:
        """Begin a transaction, with the lock of the only writer if it writes."""
        self.execute("begin immediate" if writes else "begin deferred")

    def begin_load(self) -> None:
        """Begin to fill a new file, without a journal."""
        self._set(_FILLING)
        self.execute("begin exclusive")

    def rows_loaded(self) -> None:
        """End the transaction: indexes are made one by one."""
        self.execute("commit")

    def end_load(self) -> None:
        """Let the planner know what was loaded."""
        self.execute("analyze")
        self.configure()

    def relax(self) -> None:
        """Write without waiting for the disk."""
        self._set(("synchronous = normal",))

    def written_by_others(self) -> object:
        """Return the version of the file that this connection sees, its own writes left out."""
        return self.execute("pragma data_version").fetchone()[0]

    def within(self, seconds: float) -> AbstractContextManager[None]:
        """Interrupt the statements inside when their time is over."""
        return _Within(self, seconds)

    def calls(self, unpack: Callable[[bytes], bytes], release: Release) -> bool:
        """Give SQL the functions of searches."""
        functions.register(self, unpack, release)
        return True

    def tables(self) -> set[str]:
        """Return the names of the tables."""
        return {name for (name,) in self.execute("select name from sqlite_master where type = 'table'")}

    def indexes(self) -> set[str]:
        """Return the names of the indexes that were made by name."""
        sql = "select name from sqlite_master where type = 'index' and sql is not null"
        return {name for (name,) in self.execute(sql)}

    def make_tables(self, text: str) -> None:
        """Make tables."""
        for statement in text.split(";"):
            self.execute(statement)

    def make_index(self, name: str, columns: str) -> None:
        """Make an index: of resources, it ends with the number of the row by itself, which ``k`` is."""
        named = columns.replace(", k)", ")", 1) if columns.startswith("resource(") else columns
        self.execute(f"create index {name} on {named}")

    def settle(self) -> None:
        """Move what has been written from the log into the file."""
        self._set(("wal_checkpoint(truncate)",))

    def _set(self, pragmas: Iterable[str]) -> None:
        for pragma in pragmas:
            self.execute(f"pragma {pragma}").fetchall()


class _Within:
    """A time limit on statements; every request has one, hence no generator."""

    def __init__(self, connection: SqliteConnection, seconds: float) -> None:
        self._connection, self._seconds = connection, seconds

    def __enter__(self) -> None:
        self._connection._deadline = monotonic() + self._seconds  # noqa: SLF001 - of this module

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._connection._deadline = inf  # noqa: SLF001
        if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            raise OverdueError from None


@dataclass(frozen=True)
class SqliteFile:
    """The path of the file of a store."""

    path: Path

    @property
    def name(self) -> str:
        """Return the name of the file."""
        return self.path.name

    @property
    def shared(self) -> bool:
        """Tell that it is of this machine alone."""
        return False

    def connect(self, *, beside: bool = False) -> SqliteConnection:
        """Open the file, or make it.

        Raises:
            StoreError: it is no SQLite file.
            sqlite3.Error: it cannot be opened.
        """
        connection = sqlite3.connect(
            self.path,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=128 if beside else 512,
            factory=SqliteConnection,
        )
        try:
            connection.configure()
            if beside:
                connection._set(("cache_size = -8192",))  # noqa: SLF001 - of this module
        except sqlite3.Error as error:
            connection.close()
            raise self.unusable(error) from None
        return connection

    def unusable(self, error: Exception) -> StoreError:
        """Return what to say of a file that fails as it is opened."""
        return StoreError(
            f"{self.name} is not a store of this server, or is damaged ({error}): name another file."
        )


@lru_cache(maxsize=64)
def _insert(table: str, columns: tuple[str, ...]) -> str:
    return f"insert into {table}({', '.join(columns)}) values ({', '.join('?' * len(columns))})"
