"""The numbers under which the store keeps what resources share: targets, sets of tokens, sets of patients.

A reference may lead to what is not there yet, or not here at all: its target then has a number among the
absent, until a resource of that name is stored and ``adopt`` gives everyone its ``k``.
"""

from collections.abc import Collection, Sequence

import orjson

from lab.fhirserver.storage.connection import Connection
from lab.fhirserver.storage.fitting import Name, Tokens
from lab.fhirserver.storage.hot import HOT
from lab.fhirserver.storage.schema import FIRST_ABSENT
from lab.fhirserver.storage.type_numbers import number


def target(connection: Connection, name: Name) -> int | None:
    """Return the number of what a reference points to; None when no reference ever did."""
    row = connection.execute(
        "select k from resource where type = ? and id = ?", (number(name.type), name.id)
    ).fetchone()
    return int(row[0]) if row else _absent(connection, name)


def numbered_target(connection: Connection, name: Name) -> int:
    """Return the number of what a reference points to, among the absent if it is not there."""
    (found,) = numbered_targets(connection, (name,))
    return found


def numbered_targets(connection: Connection, names: Sequence[Name]) -> list[int]:
    """Return the number of each of some different names; those that are new get theirs at once."""
    found = [target(connection, name) for name in names]
    new = [name for name, k in zip(names, found, strict=True) if k is None]
    if not new:
        return [k for k in found if k is not None]
    (last,) = connection.execute(
        "update meta set value = cast(cast(value as bigint) + ? as text) where name = 'absent'"
        " returning cast(value as bigint)",
        (len(new),),
    ).fetchone()
    numbers = range(FIRST_ABSENT + last - len(new) + 1, FIRST_ABSENT + last + 1)
    rows = [(*name, k) for name, k in zip(new, numbers, strict=True)]
    connection.append("absent", ("type", "id", "k"), rows)
    given = iter(numbers)
    return [next(given) if k is None else k for k in found]


def numbered_tokens(connection: Connection, tokens: Tokens) -> int:
    """Return the number of a set of tokens."""
    content = orjson.dumps(tokens).decode()
    row = connection.execute("select n from token_set where content = ?", (content,)).fetchone()
    if row:
        return int(row[0])
    n = connection.inserted("insert into token_set(content) values (?)", "n", (content,))
    rows = [(n, i, code, system) for i, (code, system) in enumerate(tokens)]
    connection.append("token", ("n", "i", "code", "system"), rows)
    return n


def numbered_patients(connection: Connection, patients: Collection[int]) -> int | None:
    """Return the number of those patients: that of the only one, one below zero when they are several."""
    if len(patients) < 2:
        return next(iter(patients), None)
    listed = sorted(patients)
    row = connection.execute(
        "select m.n from patient_set m where m.n in (select o.n from patient_set o where o.patient = ?1)"
        " group by m.n having count(*) = ?2"
        " and sum(case when m.patient in (select value from json_each(?3)) then 1 else 0 end) = ?2",
        (listed[0], len(listed), orjson.dumps(listed).decode()),
    ).fetchone()
    if row:
        return int(row[0])
    (least,) = connection.execute("select min(n) from patient_set").fetchone()
    n = -1 if least is None else least - 1
    connection.append("patient_set", ("n", "patient"), [(n, p) for p in listed])
    return int(n)


def adopt(connection: Connection, name: Name, k: int) -> None:
    """Lead to a new resource the references that were there before it."""
    absent = _absent(connection, name)
    if absent is None:
        return
    for type_, column in _slots():
        sql = f"update resource set {column} = ? where type = {number(type_)} and {column} = ?"
        connection.execute(sql, (k, absent))
    connection.execute(f"update value set target = ? where target = ? and param in ({_LEADING})", (k, absent))
    for table, column in _ABOUT:
        connection.execute(f"update {table} set {column} = ? where {column} = ?", (k, absent))
    connection.execute("delete from absent where k = ? and type = ? and id = ?", (absent, *name))


def adopt_all(connection: Connection) -> None:
    """Do so for every resource, after a bulk load: it does not look for the absent one by one."""
    found = []
    for (type_,) in connection.execute("select distinct type from absent").fetchall():
        found += connection.execute(
            "select a.k, r.k from absent a cross join resource r"
            " where a.type = ? and r.type = ? and r.id = a.id",
            (type_, number(type_)),
        ).fetchall()
    if not found:
        return
    connection.execute("create temp table led(absent bigint primary key, k bigint not null)")
    connection.executemany("insert into led values (?, ?)", found)
    led = "(select l.k from led l where l.absent = {0}) where {0} >= ? and {0} in (select absent from led)"
    for type_, column in _slots():
        sql = f"update resource set {column} = {led.format(column)} and type = {number(type_)}"
        connection.execute(sql, (FIRST_ABSENT,))
    connection.execute(f"update value set target = {led.format('target')}", (FIRST_ABSENT,))
    for table, column in _ABOUT:
        connection.execute(f"update {table} set {column} = {led.format(column)}", (FIRST_ABSENT,))
    connection.execute("delete from absent where k in (select absent from led)")
    connection.execute("drop table led")


_LEADING = "select id from parameter where kind = 'reference'"
_ABOUT = (("resource", "about"), ("patient_set", "patient"), ("pool_member", "member"))
"""Where a patient stands besides."""


def _slots() -> list[tuple[str, str]]:
    """Return each type with each of its slots that leads somewhere."""
    return [
        (type_, column)
        for type_, hot in HOT.items()
        for column in sorted(hot.slots.values())
        if column.startswith("reference")
    ]


def _absent(connection: Connection, name: Name) -> int | None:
    row = connection.execute("select k from absent where type = ? and id = ?", tuple(name)).fetchone()
    return int(row[0]) if row else None
