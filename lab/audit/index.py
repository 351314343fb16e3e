"""Bring the events of a trail into a FHIR store of their own, each exactly once.

How far each file was read is kept in the store, in the transaction of what was read: no crash comes between
the two, and a start after one goes on where the store stands.
"""

import logging
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from lab.audit.trail import PATTERN
from lab.fhir.strict_json import write
from lab.fhirserver.storage.store import Store, identified
from lab.fhirserver.storage.times import HOSPITAL_ZONE

_LOG = logging.getLogger(__name__)
_PIECE = 500_000
"""Bytes that are read before they are committed: a search waits no longer than that takes."""
_TABLE = "create table if not exists trail_read(file text primary key, bytes integer not null) without rowid"
_READ = "insert or replace into trail_read(file, bytes) values (?, ?)"


class Index:
    """The store that searches of the hospital are answered from."""

    def __init__(self, store: Path) -> None:
        """Open the store, or make it.

        Raises:
            StoreError: the file is no store of this server.
        """
        self._store = Store(store, clock=lambda: datetime.now(UTC), zone=HOSPITAL_ZONE)
        self._store.rows(_TABLE)

    def catch_up(self, folder: Path) -> int:
        """Bring in one piece of each file of the trail; return how many events, 0 when nothing is left."""
        return sum(self._piece(file) for file in sorted(folder.glob(PATTERN)))

    def close(self) -> None:
        """Close the store."""
        self._store.close()

    def _piece(self, file: Path) -> int:
        if file.stat().st_size <= self._read_so_far(file.name):
            return 0
        with self._store.transaction(), file.open("rb") as trail:
            begun = self._read_so_far(file.name)  # another process may have been here since
            trail.seek(begun)
            content = trail.read(_PIECE)
            if content and b"\n" not in content:
                content += trail.readline()  # one event longer than a piece
            content = content[: content.rfind(b"\n") + 1]  # what follows is being written
            if not content:
                return 0
            updated = self._store.tick()
            count = sum(self._add(line, updated, file) for line in content.splitlines())
            self._store.rows(_READ, (file.name, begun + len(content)))
        return count

    def _read_so_far(self, name: str) -> int:
        rows = self._store.rows("select bytes from trail_read where file = ?", (name,))
        return int(rows[0][0]) if rows else 0

    def _add(self, line: bytes, updated: int, file: Path) -> int:
        event = _event(line)
        if event is None:
            if line.strip():
                _LOG.error("A line of %s is no AuditEvent; it is left in its file.", file.name)
            return 0
        whole = identified(event, event["id"], 1, updated)
        try:
            k = self._store.insert("AuditEvent", event["id"], updated, "POST", write(whole))
        except sqlite3.IntegrityError:
            _LOG.error("An event of %s is stored already.", file.name)
            return 0
        self._store.describe(k, whole)
        return 1


def _event(line: bytes) -> dict[str, Any] | None:
    try:
        data = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    ours = isinstance(data, dict) and data.get("resourceType") == "AuditEvent"
    return data if ours and isinstance(data.get("id"), str) else None
