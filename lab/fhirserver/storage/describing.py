"""Write what searches and views must know of a resource: its slots, generic index, pool and memberships."""

import sqlite3
from collections.abc import Mapping
from typing import Any

from lab.fhirserver.storage.fitting import Name
from lab.fhirserver.storage.index_rows import Context
from lab.fhirserver.storage.indexing import index
from lab.fhirserver.storage.membership import members
from lab.fhirserver.storage.numbering import numbered_pool, numbered_target, numbered_tokens
from lab.fhirserver.storage.schema import SLOTS

_UPDATE = f"update resource set pool = ?, {', '.join(f'{slot} = ?' for slot in SLOTS)} where k = ?"


def describe(
    connection: sqlite3.Connection,
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
    connection.execute(_UPDATE, (numbered_pool(connection, about), *map(slots.get, SLOTS), k))
    connection.executemany(
        "insert into value(k, param, n, extreme, code, system, low, high) values (?,?,?,?,?,?,?,?)",
        [
            (k, param, n, extreme, _numbered(connection, code), *rest)
            for param, n, extreme, code, *rest in made.rows
        ],
    )
    if resource["resourceType"] == "Group":
        connection.executemany(
            "insert or replace into group_member(cohort, patient, low, high) values (?,?,?,?)",
            [
                (resource["id"], numbered_target(connection, Name("Patient", id_)), low, high)
                for id_, low, high in members(resource, *context)
            ],
        )


def forget(connection: sqlite3.Connection, k: int, group: str | None) -> None:
    """Take a resource out of searches and, a Group, its members out of the cohort; its pool stays."""
    connection.execute(
        f"update resource set {', '.join(f'{slot} = null' for slot in SLOTS)} where k = ?", (k,)
    )
    connection.execute("delete from value where k = ?", (k,))
    if group is not None:
        connection.execute("delete from group_member where cohort = ?", (group,))


def _numbered(connection: sqlite3.Connection, value: Any) -> Any:
    """Return the number of a target or of a set of tokens; any other value as it is."""
    match value:
        case Name():
            return numbered_target(connection, value)
        case tuple():
            return numbered_tokens(connection, value)
    return value
