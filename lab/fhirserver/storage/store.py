"""The resources of the hospital in one store: current versions, past ones, and their index."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from datetime import datetime, tzinfo
from typing import Any

from lab.fhir.strict_json import Json, exact, write
from lab.fhirserver.sql import TRUE, Sql
from lab.fhirserver.storage import layout
from lab.fhirserver.storage.address import Place, address_of
from lab.fhirserver.storage.bodies import Bodies
from lab.fhirserver.storage.changes import note_change
from lab.fhirserver.storage.connection import Connection
from lab.fhirserver.storage.database import Database
from lab.fhirserver.storage.describing import describe, forget
from lab.fhirserver.storage.fitting import Name
from lab.fhirserver.storage.index_rows import Context
from lab.fhirserver.storage.numbering import adopt, adopt_all, target
from lab.fhirserver.storage.stored import Change, Stored, Watcher
from lab.fhirserver.storage.times import instant, to_milliseconds
from lab.fhirserver.storage.type_numbers import number
from lab.model.release import Release

_CURRENT = (
    "select r.k, r.version, r.updated, r.method, r.deleted, r.body from resource r"
    " where r.type = ? and r.id = ?"
)


class Store(Database):
    """The resources, over a connection to where they are."""

    def __init__(
        self, place: Place, *, clock: Callable[[], datetime], zone: tzinfo, release: Release = "R4"
    ) -> None:
        """Open the store, or make it for the resources of a release.

        Raises:
            StoreError: it was made by another version of this server or for another release, is no store or
                cannot be reached.
        """
        self.address, self._clock, self.release = address_of(place), clock, release
        self.watcher: Watcher | None = None
        self._changes: list[Change] = []
        self._bases: set[str] = set()
        super().__init__(self.address.connect())
        try:
            self._open(zone)
        except BaseException as error:
            self.close()
            if isinstance(error, self.errors):
                raise self.address.unusable(error) from None
            raise

    is_called: bool
    """Whether SQL can call ``functions.py`` on bodies; the functions are otherwise called before it."""

    @property
    def key_taken(self) -> type[Exception]:
        """Return the class of the refusal of a resource whose id is taken."""
        return self._connection.IntegrityError

    def _open(self, zone: tzinfo) -> None:
        with self.transaction():
            layout.make_tables(self._connection, self.release)
            self.parameters = layout.numbered_parameters(self._connection, self.release)
            self._bases = layout.known_bases(self._connection)
            self.context = Context(self._bases, zone, self.release)
            self._packing = Bodies(self._connection)
            self.is_called = self._connection.calls(self._packing.unpack, self.release)
            if layout.index_is_stale(self._connection, self.release):
                self._index_again()

    def now(self) -> int:
        """Return the time of the clock in milliseconds UTC."""
        return to_milliseconds(self._clock())

    def begun(self) -> None:
        """Learn the addresses under which other machines have written meanwhile."""
        if self.address.shared and self._bases:
            self._bases.update(layout.bases_of(self.remembered(layout.BASES)[0][0]))

    def page_key(self) -> bytes:
        """Return the secret of page links that all machines share; the first one to ask makes it."""
        with self.transaction():
            return layout.page_key(self._connection)

    def committing(self) -> None:
        """Tell the watcher what is about to be written, in the same transaction."""
        if self.watcher and self._changes:
            self.watcher.committing(self._changes)

    def committed(self, *, kept: bool) -> None:
        """Forget what was written, and tell the watcher if it was kept."""
        self._changes = []
        if kept and self.watcher:
            self.watcher.committed()

    def snapshot(self) -> "Store":
        """Return the store as it is now, read on a connection of its own whatever is written meanwhile.

        It is for one thread at a time, and to be closed.
        """
        snapshot = self.beside()
        snapshot._connection.begin(writes=False)  # noqa: SLF001
        snapshot.rows("select 1 from meta")  # the first query fixes what is seen
        return snapshot

    def beside(self) -> "Store":
        """Return the same store on a connection of its own, for one other thread; nobody watches it."""
        other = copy(self)
        other._connection = self.address.connect(beside=True)  # noqa: SLF001
        other._packing = Bodies(other._connection)  # noqa: SLF001
        other._connection.calls(other._packing.unpack, other.release)  # noqa: SLF001
        other._memos, other._looked = {}, False  # noqa: SLF001
        other._changes, other.watcher = [], None  # noqa: SLF001
        return other

    def current(self, type_: str, id_: str, condition: Sql = TRUE) -> Stored | None:
        """Return the latest version of a resource, be it a deletion.

        ``condition``, on the row ``r``, is part of the query: None means that the id never existed, or that
        the condition does not hold, and nothing tells which.
        """
        query = Sql(_CURRENT, (number(type_), id_))
        if condition != TRUE:
            query += Sql("and") + condition
        for k, version, updated, method, deleted, body in self.rows(query.text, query.args):
            return Stored(k, type_, id_, version, updated, method, deleted, self._unpacked(body))
        return None

    def versions(self, stored: Stored) -> list[Stored]:
        """Return all versions of a resource, newest first."""
        past = self.rows(
            "select version, updated, method, body from history where k = ? order by version desc",
            (stored.k,),
        )
        return [
            stored,
            *(
                Stored(stored.k, stored.type, stored.id, v, u, m, int(b is None), self._unpacked(b))
                for v, u, m, b in past
            ),
        ]

    def target(self, type_: str, id_: str) -> int | None:
        """Return the ``k`` of what a reference points to, there or not; None when nothing refers to it."""
        return target(self._connection, Name(type_, id_))

    def unpack(self, body: bytes) -> bytes:
        """Return the bytes of a resource from what a row of ``resource`` or ``history`` holds."""
        return self._packing.unpack(body)

    def pack(self, type_: str, body: bytes) -> bytes:
        """Return what a row holds of the bytes of a resource."""
        return self._packing.pack(type_, body)

    def learn(self, type_: str, samples: Sequence[bytes]) -> bytes | None:
        """Learn from bodies how to pack those like them, before they are loaded; return the dictionary."""
        return self._packing.learn(type_, samples)

    def put(self, type_: str, id_: str, resource: Mapping[str, Any], method: str, base_url: str) -> Stored:
        """Store a new version of a resource, under the identity and the meta that the server gives."""
        with self.transaction():
            layout.remember_base(self._connection, self._bases, base_url)
            before = self.current(type_, id_)
            version, updated = before.version + 1 if before else 1, self.tick()
            whole = identified(resource, id_, version, updated)
            body = write(whole)
            if before is None:
                k = self.insert(type_, id_, updated, method, body)
            else:
                k = before.k
                forget(self._connection, k, Name(type_, id_))
                note_change(self._connection, before, whole, updated)
                self._replace(before, Stored(k, type_, id_, version, updated, method, 0, body))
            self.describe(k, whole)
            stored = Stored(k, type_, id_, version, updated, method, 0, body)
            self._changes.append(Change(before, stored, base_url))
            return stored

    def remove(self, before: Stored) -> Stored:
        """Delete a resource: its versions, its labels and whom it is about stay, its index goes."""
        with self.transaction():
            if self.watcher:
                self.watcher.removing(before)
            after = Stored(
                before.k, before.type, before.id, before.version + 1, self.tick(), "DELETE", 1, None
            )
            self._replace(before, after)
            note_change(self._connection, before, None, after.updated)
            forget(self._connection, before.k, Name(before.type, before.id))
            return after

    def tick(self) -> int:
        """Return the time of a write: the clock, or one millisecond after the write before."""
        after = "cast(value as bigint) + 1"
        sql = (
            f"update meta set value = cast(case when {after} > ?1 then {after} else ?1 end as text)"
            " where name = 'clock' returning value"
        )
        return int(self.rows(sql, (self.now(),))[0][0])

    def insert(
        self, type_: str, id_: str, updated: int, method: str, body: bytes, *, awaited: bool = True
    ) -> int:
        """Insert the first version of a resource and return its ``k``; it must then be described.

        ``awaited`` unless it is known that no reference to it waits, or that all will be led to it later.
        """
        sql = "insert into resource(type, id, version, updated, method, deleted, body) values (?,?,1,?,?,0,?)"
        row = (number(type_), id_, updated, method, self.pack(type_, body))
        k = self._connection.inserted(sql, "k", row)
        if awaited:
            adopt(self._connection, Name(type_, id_), k)
        return k

    def describe(self, k: int, resource: Json) -> None:
        """Write what searches and views must know of a resource that is not described."""
        describe(self._connection, k, resource, self.parameters, self.context)

    def fill(self, fill: Callable[[Connection], int]) -> int:
        """Fill an empty store that nobody else reads and that is thrown away if this fails."""
        self._connection.begin_load()
        layout.drop_indexes(self._connection)
        count = fill(self._connection)
        self._connection.rows_loaded()
        layout.make_indexes(self._connection)
        adopt_all(self._connection)
        self._connection.end_load()
        return count

    @contextmanager
    def without_indexes(self) -> Iterator[bool]:
        """Make the indexes after a bulk load, if the store is empty: the value tells whether it is.

        References to what comes late are then led there at the end.
        """
        empty = not self.rows("select 1 from resource limit 1")
        if empty:
            layout.drop_indexes(self._connection)
        yield empty
        if empty:
            layout.make_indexes(self._connection)
            adopt_all(self._connection)

    def _replace(self, before: Stored, after: Stored) -> None:
        self._connection.execute(
            "insert into history(k, version, updated, method, body)"
            " select k, version, updated, method, body from resource where k = ?",
            (before.k,),
        )
        packed = None if after.body is None else self.pack(after.type, after.body)
        self._connection.execute(
            "update resource set version = ?, updated = ?, method = ?, deleted = ?, body = ? where k = ?",
            (after.version, after.updated, after.method, after.deleted, packed, after.k),
        )

    def _unpacked(self, body: bytes | None) -> bytes | None:
        return None if body is None else self.unpack(body)

    def _index_again(self) -> None:
        """Bring the index to the search parameters and the slots of this version of the server."""
        layout.make_indexes(self._connection)
        cursor = self._connection.execute("select k, body from resource where deleted = 0")
        while some := cursor.fetchmany(1000):
            for k, body in some:
                resource = exact(self.unpack(body))
                forget(self._connection, k, Name(resource["resourceType"], resource["id"]))
                self.describe(k, resource)
        layout.index_is_fresh(self._connection, self.release)


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
