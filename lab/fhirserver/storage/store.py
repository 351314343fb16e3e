"""The resources of the hospital in one SQLite file: current versions, past ones, index and compartments.

Statements run inline, on one connection: a query takes microseconds and a thread switch more.
Spec: https://www.sqlite.org/wal.html
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from time import monotonic
from typing import Any

from lab.fhir.strict_json import Json, exact, write
from lab.fhirserver.sql import TRUE, Sql, both
from lab.fhirserver.storage import layout
from lab.fhirserver.storage.compartment import patients
from lab.fhirserver.storage.index_rows import Context
from lab.fhirserver.storage.indexing import index
from lab.fhirserver.storage.membership import members
from lab.fhirserver.storage.times import instant, to_milliseconds

_STEPS = 20_000  # instructions of SQLite between two looks at the clock: well under a millisecond


class OverdueError(Exception):
    """A request that took longer than it may."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One version of a resource; ``updated`` in milliseconds UTC; ``body`` is None once deleted."""

    k: int
    type: str
    id: str
    version: int
    updated: int
    method: str
    deleted: int
    body: bytes | None


class Store:
    """The only holder of the connection."""

    def __init__(self, path: Path, *, clock: Callable[[], datetime], zone: tzinfo) -> None:
        """Open the file, or make it.

        Raises:
            StoreError: the file was made by another version of this server.
        """
        self._clock = clock
        self._connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, cached_statements=512
        )
        layout.configure(self._connection)
        with self.transaction():
            layout.make_tables(self._connection)
            self.parameters = layout.numbered_parameters(self._connection)
            self._bases = layout.known_bases(self._connection)
            self.context = Context(self._bases, zone)
            if layout.index_is_stale(self._connection):
                self._index_again()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def now(self) -> int:
        """Return the time of the clock in milliseconds UTC."""
        return to_milliseconds(self._clock())

    def rows(self, sql: str, args: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return self._connection.execute(sql, tuple(args)).fetchall()

    @contextmanager
    def transaction(self, mode: str = "immediate") -> Iterator[None]:
        """Make the writes inside all or nothing; inside another transaction, join it.

        With the mode ``deferred`` and reads only, the statements inside see one state of the store.
        """
        if self._connection.in_transaction:
            yield
            return
        self._connection.execute(f"begin {mode}")
        try:
            yield
            self._connection.execute("commit")
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("rollback")
            raise

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

    def current(self, type_: str, id_: str, condition: Sql = TRUE) -> Stored | None:
        """Return the latest version of a resource, be it a deletion.

        ``condition``, on the row ``r``, is part of the query: None means that the id never existed, or that
        the condition does not hold, and nothing tells which.
        """
        columns = "r.k, r.type, r.id, r.version, r.updated, r.method, r.deleted, r.body"
        identity = Sql("r.type = ? and r.id = ?", (type_, id_))
        query = Sql("select") + Sql(columns) + Sql("from resource r where") + both((identity, condition))
        rows = self.rows(query.text, query.args)
        return Stored(*rows[0]) if rows else None

    def versions(self, stored: Stored) -> list[Stored]:
        """Return all versions of a resource, newest first."""
        past = self.rows(
            "select version, updated, method, body from history where k = ? order by version desc",
            (stored.k,),
        )
        return [
            stored,
            *(Stored(stored.k, stored.type, stored.id, v, u, m, int(b is None), b) for v, u, m, b in past),
        ]

    def put(self, type_: str, id_: str, resource: Mapping[str, Any], method: str, base_url: str) -> Stored:
        """Store a new version of a resource, under the identity and the meta that the server gives."""
        with self.transaction():
            layout.remember_base(self._connection, self._bases, base_url)
            before = self.current(type_, id_)
            version, updated = before.version + 1 if before else 1, self.tick()
            whole = identified(resource, id_, version, updated)
            row = (type_, id_, version, updated, method, 0, write(whole))
            k = self._replace(before, row) if before else self.insert(row)
            self.describe(k, whole, known=before is not None)
            return Stored(k, *row)

    def remove(self, before: Stored) -> Stored:
        """Delete a resource: its versions and its compartment stay, its index goes."""
        with self.transaction():
            row = (before.type, before.id, before.version + 1, self.tick(), "DELETE", 1, None)
            self._replace(before, row)
            self._connection.execute("delete from value where k = ?", (before.k,))
            if before.type == "Group":
                self._connection.execute("delete from group_member where cohort = ?", (before.id,))
            return Stored(before.k, *row)

    def tick(self) -> int:
        """Return the time of a write: the clock, or one millisecond after the write before."""
        sql = (
            "update meta set value = max(cast(value as integer) + 1, ?) where name = 'clock' returning value"
        )
        return int(self.rows(sql, (self.now(),))[0][0])

    def insert(self, row: tuple[Any, ...]) -> int:
        """Insert a resource row (type, id, version, updated, method, deleted, body) and return its ``k``."""
        sql = "insert into resource(type, id, version, updated, method, deleted, body) values (?,?,?,?,?,?,?)"
        return int(self._connection.execute(sql, row).lastrowid or 0)

    def describe(self, k: int, resource: Json, *, known: bool) -> None:
        """Write what searches and views must know of a resource; ``known`` if it was described before."""
        execute, many = self._connection.execute, self._connection.executemany
        if known:
            execute("delete from value where k = ?", (k,))
            execute("delete from compartment where k = ?", (k,))
        many(
            "insert into value(k, param, n, extreme, code, system, low, high) values (?,?,?,?,?,?,?,?)",
            ((k, *row) for row in index(resource, self.parameters, self.context)),
        )
        many(
            "insert into compartment(k, patient, type) values (?,?,?)",
            ((k, patient, resource["resourceType"]) for patient in patients(resource, self._bases)),
        )
        if resource["resourceType"] == "Group":
            execute("delete from group_member where cohort = ?", (resource["id"],))
            many(
                "insert or replace into group_member(cohort, patient, low, high) values (?,?,?,?)",
                ((resource["id"], *member) for member in members(resource, *self.context)),
            )

    def without_indexes(self, fill: Callable[[], int]) -> int:
        """Run a bulk load on an empty store with the indexes made after it; otherwise just run it."""
        if self.rows("select 1 from resource limit 1"):
            return fill()
        layout.drop_indexes(self._connection)
        count = fill()
        layout.make_indexes(self._connection)
        return count

    def _replace(self, before: Stored, row: tuple[Any, ...]) -> int:
        self._connection.execute(
            "insert into history(k, version, updated, method, body) values (?,?,?,?,?)",
            (before.k, before.version, before.updated, before.method, before.body),
        )
        self._connection.execute(
            "update resource set version = ?, updated = ?, method = ?, deleted = ?, body = ? where k = ?",
            (*row[2:], before.k),
        )
        return before.k

    def _index_again(self) -> None:
        """Bring the index to the search parameters of this version of the server."""
        cursor = self._connection.execute("select k, body from resource where deleted = 0")
        for k, body in cursor.fetchall():
            self.describe(k, exact(body), known=True)
        layout.index_is_fresh(self._connection)


def identified(resource: Mapping[str, Any], id_: str, version: int, updated: int) -> Json:
    """Return the resource with the identity that the server gives it; other members keep their order."""
    given = resource.get("meta", {})
    others = {name: value for name, value in given.items() if name not in {"versionId", "lastUpdated"}}
    return {
        "resourceType": resource["resourceType"],
        "id": id_,
        "meta": {"versionId": str(version), "lastUpdated": instant(updated), **others},
        **{name: value for name, value in resource.items() if name not in {"resourceType", "id", "meta"}},
    }
