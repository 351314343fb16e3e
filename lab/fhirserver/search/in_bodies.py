"""Conditions on what no index holds: the whole resource is read, by functions of ``storage/functions.py``.

SQLite calls them as it goes through the resources. For a database that cannot call this process, the
resources are read here first, and the condition names those that were found.
"""

from collections.abc import Callable

import orjson

from lab.fhirserver.sql import TRUE, Sql
from lab.fhirserver.storage.functions import says, typed
from lab.fhirserver.storage.store import Store
from lab.fhirserver.storage.type_numbers import number

_AT_ONCE = 500


def text_begins(store: Store, type_: str, code: str, folded: str) -> Sql:
    """Return the condition on ``r`` that a text beside a code starts with a folded text."""
    if store.is_called:
        return Sql("lab_says(r.body, ?, ?, ?)", (type_, code, folded))
    return _named(
        store,
        type_,
        TRUE,
        ("says", code, folded),
        lambda body: says(body, store.release, type_, code, folded),
    )


def identifier_is(store: Store, type_: str, code: str, wanted: tuple[str, str, str], held: Sql) -> Sql:
    """Return the condition on ``r`` that an identifier has the system and code of a type, and a value.

    ``held`` is a condition that such resources meet, and few others.
    """
    if store.is_called:
        return Sql("lab_typed(r.body, ?, ?, ?, ?, ?)", (type_, code, *wanted))
    return _named(
        store,
        type_,
        held,
        ("typed", code, *wanted),
        lambda body: typed(body, store.release, type_, code, *wanted),
    )


def _named(store: Store, type_: str, held: Sql, key: tuple[str, ...], test: Callable[[bytes], bool]) -> Sql:
    """Return the condition that a resource is one of those of the type that pass a test."""

    def found() -> str:
        known: list[int] = []
        last = 0
        while True:
            start = Sql("r.type = ? and r.deleted = 0 and r.k > ? and", (number(type_), last))
            query = Sql("select r.k, r.body from resource r where") + start + held
            query += Sql("order by r.k limit ?", (_AT_ONCE,))
            rows = store.rows(query.text, query.args)
            known += [k for k, body in rows if test(store.unpack(body))]
            if len(rows) < _AT_ONCE:
                return orjson.dumps(known).decode()
            last = rows[-1][0]

    return Sql("r.k in (select value from json_each(?))", (store.memo((*key, type_), found),))
