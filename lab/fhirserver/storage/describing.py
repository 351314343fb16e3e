"""Write what searches and views must know of a resource: its slots, generic index, patients and pools."""

from collections.abc import Mapping
from typing import Any

from lab.fhirserver.storage.connection import Connection
from lab.fhirserver.storage.fitting import Name
from lab.fhirserver.storage.index_rows import Context
from lab.fhirserver.storage.indexing import IndexRow, index
from lab.fhirserver.storage.membership import DEFINING, KEEP, memberships
from lab.fhirserver.storage.numbering import numbered_patients, numbered_target, numbered_tokens
from lab.fhirserver.storage.schema import SLOTS, VALUE

_UPDATE = f"update resource set about = ?, {', '.join(f'{slot} = ?' for slot in SLOTS)} where k = ?"


def describe(
    connection: Connection,
    k: int,
    resource: dict[str, Any],
    parameters: Mapping[tuple[str, str], int],
    context: Context,
) -> None:
    """Write what must be known of a resource that is described for the first time, or was forgotten."""
    made = index(resource, parameters, context)
    patients = {resource["id"]} if resource["resourceType"] == "Patient" else made.patients
    about = {numbered_target(connection, Name("Patient", id_)) for id_ in patients}
    slots = {slot: _numbered(connection, value) for slot, value in made.slots.items()}
    connection.execute(_UPDATE, (numbered_patients(connection, about), *map(slots.get, SLOTS), k))
    rows = [
        (k, *row, None) if not isinstance(row[3], Name) else _led(connection, k, row) for row in made.rows
    ]
    connection.append("value", VALUE, rows)
    connection.execute("delete from pool_member where member = ? and pool >= 'tag/' and pool < 'tag0'", (k,))
    connection.executemany(
        KEEP,
        [
            (pool, numbered_target(connection, name), low, high)
            for pool, name, low, high in memberships(resource, context.bases, context.zone)
        ],
    )


def forget(connection: Connection, k: int, name: Name) -> None:
    """Take a resource out of searches and what it gathers out of its pool.

    Whom it is about and its labels stay: who could see it may learn that it was deleted.
    """
    connection.execute(
        f"update resource set {', '.join(f'{slot} = null' for slot in SLOTS)} where k = ?", (k,)
    )
    connection.execute("delete from value where k = ?", (k,))
    if name.type in DEFINING:
        connection.execute("delete from pool_member where pool = ?", (f"{name.type}/{name.id}",))


def _led(connection: Connection, k: int, row: IndexRow) -> tuple[Any, ...]:
    """Return the row of a reference, the number of its target in a column of its own."""
    param, n, extreme, name, *rest = row
    return (k, param, n, extreme, None, *rest, _numbered(connection, name))


def _numbered(connection: Connection, value: Any) -> Any:
    """Return the number of a target or of a set of tokens; any other value as it is."""
    match value:
        case Name():
            return numbered_target(connection, value)
        case tuple():
            return numbered_tokens(connection, value)
    return value
