"""Remember when each part of a resource last changed, for those who do not see all of it.

Of a resource with one version, nothing needs to be remembered.
"""

from lab.fhir.changed_paths import changed_paths
from lab.fhir.strict_json import Json, exact
from lab.fhirserver.storage.connection import Connection
from lab.fhirserver.storage.stored import Stored

_WHOLE = ""
_NOTE = (
    "insert into changed(k, path, updated) values (?, ?, ?)"
    " on conflict(k, path) do update set updated = excluded.updated"
)


def note_change(connection: Connection, before: Stored, after: Json | None, updated: int) -> None:
    """Note what a new version changes; None is a deletion."""
    if before.version == 1:
        connection.execute(_NOTE, (before.k, _WHOLE, before.updated))
    there = before.body is not None and after is not None
    paths = changed_paths(exact(before.body or b""), after or {}) if there else {_WHOLE}
    connection.executemany(_NOTE, [(before.k, path, updated) for path in paths])
