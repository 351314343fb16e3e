"""The store in a PostgreSQL database, which several machines can share: one connection to it.

Who writes holds an advisory lock for the length of the transaction, also for one statement alone: there is
one writer at a time, as in a SQLite file. Who reads in a transaction sees one state (REPEATABLE READ).
Everything stands in the first schema of the search path, so that one database can hold several stores.

Specs: https://www.postgresql.org/docs/current/explicit-locking.html#ADVISORY-LOCKS and
https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-SNAPSHOT
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import psycopg
from psycopg.types.numeric import Int8Dumper

from lab.fhirserver.storage.connection import OverdueError, StoreError
from lab.fhirserver.storage.postgresql_sql import FUNCTIONS, stated, tables
from lab.model.release import Release

_LOCK = "select pg_advisory_xact_lock(1818321766, hashtext(current_schema()))"
_PATIENCE_S = 5
"""How long a writer waits for the one before."""
_SETTINGS = f"set lock_timeout = '{_PATIENCE_S}s'"
_UNLIMITED = 0.0
_NEAR = 0.9
"""The time that is left is told to the database again once less than that part of what it knows is left."""
_PREPARED = 512


class _Cursor(psycopg.RawCursor[tuple[Any, ...]]):
    """A cursor that has no rows after a statement that gives none, where psycopg raises an error."""

    def fetchall(self) -> list[tuple[Any, ...]]:
        return super().fetchall() if self.description else []


_Rows = psycopg.Cursor[tuple[Any, ...]]


class PostgresqlConnection:
    """See ``Connection``."""

    Error: type[Exception] = psycopg.Error
    IntegrityError: type[Exception] = psycopg.IntegrityError

    def __init__(self, url: str) -> None:
        self._url = url
        self._link = _linked(url)
        self._links = 0
        self.in_transaction = False
        self.total_changes = 0
        self._ended = False
        self._deadline: float | None = None
        self._told_s = _UNLIMITED

    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> _Rows:
        """Run one statement; one that writes outside a transaction waits for its turn too."""
        text, writes = stated(sql)
        if not writes:
            return self._run(text, parameters)
        if self.in_transaction:
            return self._count(self._run(text, parameters))
        self.begin(writes=True)
        try:
            cursor = self._count(self._run(text, parameters))
            self.commit()
        except BaseException:
            self.rollback()
            raise
        return cursor

    def executemany(self, sql: str, parameters: Iterable[Sequence[Any]], /) -> _Rows:
        """Run one statement that writes with each of the rows of values, inside a transaction."""
        self._look_at_the_clock()
        cursor = self._link.cursor(binary=True)
        cursor.executemany(stated(sql)[0], parameters)
        return self._count(cursor)

    def append(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Insert new rows, inside a transaction."""
        self._look_at_the_clock()
        cursor = self._link.cursor(binary=True)
        with cursor.copy(f"copy {table}({', '.join(columns)}) from stdin") as copy:
            for row in rows:
                copy.write_row(row)
        self._count(cursor)

    def inserted(self, sql: str, key: str, parameters: Sequence[Any]) -> int:
        """Insert one row and return the number that it was given."""
        return int(self.execute(f"{sql} returning {key}", parameters).fetchall()[0][0])

    def begin(self, *, writes: bool) -> None:
        """Begin a transaction that waits for its turn to write, or one that sees one state."""
        level = "read committed" if writes else "repeatable read, read only"
        self._run(f"begin isolation level {level}")
        self.in_transaction = True
        if writes:
            try:
                self._run(_LOCK)
            except BaseException:
                self.rollback()
                raise

    def commit(self) -> None:
        """Keep what the transaction has written."""
        self._run("commit")
        self.in_transaction = False

    def rollback(self) -> None:
        """Undo what the transaction has written; a connection that is lost has done so."""
        self.in_transaction = False
        try:
            self._link.execute("rollback")
        except psycopg.Error:
            self._link.close()

    def begin_load(self) -> None:
        """Begin to fill an empty store."""
        self.begin(writes=True)

    def rows_loaded(self) -> None:
        """Go on: the indexes are made in the same transaction."""

    def end_load(self) -> None:
        """Go past the numbers that were given, keep what was loaded and let the planner know it."""
        self._run("select setval(pg_get_serial_sequence('resource', 'k'), max(k)) from resource")
        self.commit()
        self.settle()

    def relax(self) -> None:
        """Commit without waiting for the disk."""
        self._run("set synchronous_commit = off")

    def written_by_others(self) -> object:
        """Return which transactions this connection sees; a lost one may have seen others."""
        return self._links, self._run("select pg_current_snapshot()::text").fetchall()[0][0]

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Cancel the statements inside when their time is over."""
        self._deadline = monotonic() + seconds
        try:
            yield
        except psycopg.errors.QueryCanceled:
            raise OverdueError from None
        finally:
            self._deadline = None

    def calls(self, unpack: Callable[[bytes], bytes], release: Release) -> bool:  # noqa: ARG002
        """Tell that the database cannot call this process."""
        return False

    def tables(self) -> set[str]:
        """Return the names of the tables."""
        sql = "select tablename from pg_tables where schemaname = current_schema()"
        return {name for (name,) in self._run(sql).fetchall()}

    def indexes(self) -> set[str]:
        """Return the names of the indexes that were made by name."""
        sql = (
            "select c.relname from pg_index i join pg_class c on c.oid = i.indexrelid"
            " where c.relnamespace = current_schema()::regnamespace"
            " and not exists (select 1 from pg_constraint o where o.conindid = i.indexrelid)"
        )
        return {name for (name,) in self._run(sql).fetchall()}

    def make_tables(self, text: str) -> None:
        """Make tables, and the functions that SQLite has and PostgreSQL has not."""
        for statement in (*tables(text), *FUNCTIONS):
            self._run(statement)

    def make_index(self, name: str, columns: str) -> None:
        """Make an index."""
        self._run(f"create index {name} on {columns}")

    def settle(self) -> None:
        """Let the planner know what was written."""
        self._run("analyze")

    def close(self) -> None:
        """Close the connection for good."""
        self._ended = True
        self._link.close()

    def _run(self, text: str, parameters: Sequence[Any] = ()) -> _Rows:
        if self._link.closed and not self.in_transaction and not self._ended:  # the server was started again
            self._link = _linked(self._url)
            self._links += 1
            self._told_s = _UNLIMITED
        self._look_at_the_clock()
        cursor = self._link.cursor(binary=True)
        cursor.execute(text, parameters)
        return cursor

    def _count(self, cursor: _Rows) -> _Rows:
        self.total_changes += max(cursor.rowcount, 1)
        return cursor

    def _look_at_the_clock(self) -> None:
        """Tell the database how long a statement may take, if that has changed by much."""
        if self._deadline is None:
            left = _UNLIMITED
        else:
            left = self._deadline - monotonic()
            if left <= 0:
                raise OverdueError
        known = self._told_s
        if left == known or (known and left and known * _NEAR <= left <= known):
            return
        self._link.execute(f"set statement_timeout = {round(left * 1000) or int(left > 0)}")
        self._told_s = left


def _linked(url: str) -> psycopg.Connection[tuple[Any, ...]]:
    link = psycopg.connect(
        url, autocommit=True, connect_timeout=_PATIENCE_S, application_name="lab", cursor_factory=_Cursor
    )
    link.prepared_max = _PREPARED
    link.adapters.register_dumper(int, Int8Dumper)  # one type for all numbers: one plan for each statement
    link.execute(_SETTINGS)
    return link


@dataclass(frozen=True)
class PostgresqlDatabase:
    """The URL of the database, which may hold a password."""

    url: str = field(repr=False)

    @property
    def name(self) -> str:
        """Return the name of the database and of its host."""
        try:
            known = psycopg.conninfo.conninfo_to_dict(self.url)
        except psycopg.Error:
            return "The database of that URL"
        return f"The database {known.get('dbname', '')} on {known.get('host', 'this machine')}"

    @property
    def shared(self) -> bool:
        """Tell that other machines may be there too."""
        return True

    def connect(self, *, beside: bool = False) -> PostgresqlConnection:  # noqa: ARG002 - all are alike
        """Open one more connection.

        Raises:
            StoreError: the database cannot be reached, or holds text in another encoding than UTF-8.
        """
        try:
            connection = PostgresqlConnection(self.url)
            ((encoding,),) = connection.execute("show server_encoding").fetchall()
        except psycopg.Error as error:
            raise self.unusable(error) from None
        if encoding != "UTF8":
            connection.close()
            message = f"{self.name} holds text as {encoding}: make one with encoding 'UTF8'."
            raise StoreError(message)
        return connection

    def unusable(self, error: Exception) -> StoreError:
        """Return what to say of a database that fails as it is opened."""
        said = str(error).strip().partition("\n")[0]
        return StoreError(f"{self.name} cannot be used as a store ({said}): check the URL and the server.")
