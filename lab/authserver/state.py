"""The state that worker processes share: tokens in force, jti values seen, applications and their standing.

One small SQLite file; without a path it lives in the memory of this process. Readers keep what they read and
ask ``version`` whether another process has written since: a revocation holds on the very next request.
Spec: https://www.sqlite.org/pragma.html#pragma_data_version, https://www.sqlite.org/wal.html
"""

import os
import sqlite3
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_BUSY_S = 2.0
_PRESENCE_S = 0.05
_TABLES = """
create table if not exists application(
    id text primary key, disabled integer not null) without rowid;
create table if not exists token(
    digest text primary key, client text not null, scopes text not null, issued real not null,
    expires real not null, probing integer not null, certificate text not null) without rowid;
create index if not exists token_expiry on token(expires);
create index if not exists token_client on token(client);
create table if not exists used(digest text primary key, expires real not null) without rowid;
create index if not exists used_expiry on used(expires);
"""


class StateUnavailableError(RuntimeError):
    """The state cannot be read or written: nothing is decided without it, so everything is refused."""


class State:
    """One connection to the shared state; safe to use from several threads."""

    def __init__(self, path: Path | None = None, *, create: bool = True) -> None:
        """Open the file, or make it.

        Raises:
            StateUnavailableError: it is no state file, cannot be read, or is not there and ``create`` is not
                set.
        """
        self._path = path
        self._lock = threading.Lock()
        self._look_again = 0.0
        try:
            if path is not None and create:
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
            name = ":memory:" if path is None else f"{path.absolute().as_uri()}?mode=rw"
            self._connection = sqlite3.connect(
                name, uri=path is not None, timeout=_BUSY_S, isolation_level=None, check_same_thread=False
            )
            self._connection.execute("pragma journal_mode=wal")
            self._connection.execute("pragma synchronous=normal")
            if create:
                self._connection.executescript(_TABLES)
            self._connection.execute("select digest from token limit 1")
            self._file = _identity(path) if path else None
        except (sqlite3.Error, OSError) as error:
            raise StateUnavailableError(f"The state file cannot be used: {error}.") from error

    def version(self) -> int:
        """Return a number that changes when another process has written; this one knows what it wrote.

        Raises:
            StateUnavailableError: the file cannot be read, or is no longer the one that was opened.
        """
        if self._path is None:
            return 0
        now = time.monotonic()
        if now >= self._look_again:
            # A file that was taken away still reads well, and no revocation will ever come through it.
            try:
                same = _identity(self._path) == self._file
            except OSError:
                same = False
            if not same:
                raise StateUnavailableError("The state file was taken away or replaced.")
            self._look_again = now + _PRESENCE_S
        return int(self.rows("pragma data_version")[0][0])

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query.

        Raises:
            StateUnavailableError: the file cannot be read.
        """
        try:
            with self._lock:
                return self._connection.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise StateUnavailableError("The state cannot be read.") from error

    def write(self, *statements: tuple[str, Sequence[object]], durable: bool = False) -> int:
        """Run the statements, all or none; return how many rows the last one changed.

        ``durable`` waits for the disk: what was taken away must not come back after a power cut.

        Raises:
            StateUnavailableError: the file cannot be written.
        """
        changed = 0
        try:
            with self._lock:
                self._connection.execute(f"pragma synchronous={'full' if durable else 'normal'}")
                self._connection.execute("begin immediate")
                try:
                    for statement, values in statements:
                        changed = self._connection.execute(statement, values).rowcount
                    self._connection.execute("commit")
                except BaseException:
                    if self._connection.in_transaction:
                        self._connection.execute("rollback")
                    raise
        except sqlite3.Error as error:
            raise StateUnavailableError("The state cannot be written.") from error
        return changed

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino
