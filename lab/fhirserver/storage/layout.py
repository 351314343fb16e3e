"""Make the tables of a new file, and recognise those of an old one."""

import hashlib
import secrets

import orjson

from lab.fhirserver.storage import schema
from lab.fhirserver.storage.catalogue import fingerprint, served_types
from lab.fhirserver.storage.connection import Connection, StoreError
from lab.fhirserver.storage.hot import HOT, index_name
from lab.fhirserver.storage.indexing import names
from lab.fhirserver.storage.slots import slots
from lab.fhirserver.storage.type_numbers import number
from lab.model.release import Release

_DEFAULTS = {"version": schema.VERSION, "clock": "0", "bases": "[]", "absent": "0", "fingerprint": ""}


def make_tables(connection: Connection, release: Release) -> None:
    """Make the tables for the resources of a release, unless they are there.

    Raises:
        StoreError: the file holds tables of another version, resources of another release, or something else.
    """
    there = connection.tables()
    if not there:
        connection.make_tables(schema.TABLES)
        make_indexes(connection)
        settings = {**_DEFAULTS, "release": release}
        connection.executemany("insert into meta(name, value) values (?, ?)", settings.items())
    found = _setting(connection, "version") if "meta" in there or not there else "unknown"
    if found != schema.VERSION:
        message = (
            f"The store has layout {found}, this server needs layout {schema.VERSION}: "
            "load the hospital again into a new store."
        )
        raise StoreError(message)
    holds = _setting(connection, "release") or "R4"  # stores of before hold R4 and do not say it
    if holds != release:
        message = (
            f"The store holds resources of FHIR {holds}, this server was started for FHIR {release}: "
            f"name another store, or start the server for {holds}."
        )
        raise StoreError(message)
    connection.make_tables(schema.LATER_TABLES)


def make_indexes(connection: Connection) -> None:
    """Make what searches rely on, unless it is there; drop the indexes of slots that are hot no more."""
    wanted = {**schema.INDEXES, **slot_indexes()}
    there = connection.indexes()
    for name in there - wanted.keys() - {"resource_identity"}:
        connection.execute(f"drop index {name}")
    for name, columns in wanted.items():
        if name not in there:
            connection.make_index(name, columns)


def slot_indexes() -> dict[str, str]:
    """Return the indexes of the slots by name."""
    return {
        index_name(type_, columns): f"resource({', '.join(columns)}) where type = {number(type_)}"
        for type_, hot in HOT.items()
        for columns in hot.indexes
    }


def drop_indexes(connection: Connection) -> None:
    """Drop what would slow a bulk load down."""
    for name in (*(schema.INDEXES.keys() - schema.ALWAYS), *slot_indexes()):
        connection.execute(f"drop index {name}")


def numbered_parameters(connection: Connection, release: Release) -> dict[tuple[str, str], int]:
    """Return the number of each (type, code) of the index, giving numbers to new ones."""
    wanted = [(type_, code, kind) for type_ in served_types(release) for code, kind in names(type_, release)]
    known = _numbers(connection)
    new = [row for row in wanted if row[:2] not in known]
    if new:
        connection.append("parameter", ("type", "code", "kind"), new)
        known = _numbers(connection)
    return known


def _numbers(connection: Connection) -> dict[tuple[str, str], int]:
    rows = connection.execute("select type, code, id from parameter")
    return {(type_, code): number for type_, code, number in rows}


def index_is_stale(connection: Connection, release: Release) -> bool:
    """Tell whether the index was made with other search parameters than those of this server."""
    return _setting(connection, "fingerprint") != _made_with(release)


def index_is_fresh(connection: Connection, release: Release) -> None:
    """Record that the index was made with the search parameters of this server."""
    _set(connection, "fingerprint", _made_with(release))


def _made_with(release: Release) -> str:
    """Return what the index depends on: the search parameters and the slots."""
    held = {
        type_: {"slots": dict(slots(type_, release)), "indexes": hot.indexes} for type_, hot in HOT.items()
    }
    return hashlib.sha256(fingerprint(release).encode() + orjson.dumps(held)).hexdigest()


def known_bases(connection: Connection) -> set[str]:
    """Return the addresses under which resources have been written."""
    return bases_of(_setting(connection, "bases"))


BASES = "select value from meta where name = 'bases'"
"""The query of them, for `bases_of`."""


def bases_of(value: str) -> set[str]:
    """Return the addresses that the query gives."""
    return set(orjson.loads(value))


def page_key(connection: Connection) -> bytes:
    """Return the secret of page links that is kept in the store."""
    connection.execute(
        "insert into meta(name, value) values ('page key', ?) on conflict(name) do nothing",
        (secrets.token_hex(32),),
    )
    return bytes.fromhex(_setting(connection, "page key"))


def remember_base(connection: Connection, bases: set[str], base_url: str) -> None:
    """Add an address to those under which this server is known."""
    if base_url not in bases:
        bases.update(known_bases(connection), {base_url})  # other processes may have others
        _set(connection, "bases", orjson.dumps(sorted(bases)).decode())


def _setting(connection: Connection, name: str) -> str:
    row = connection.execute("select value from meta where name = ?", (name,)).fetchone()
    return str(row[0]) if row else ""


def _set(connection: Connection, name: str, value: str) -> None:
    connection.execute("update meta set value = ? where name = ?", (value, name))
