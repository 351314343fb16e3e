"""Read AuditEvents back: from a file of a trail, a folder of them, a run, or the store of the index."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from lab.audit.trail import PATTERN
from lab.fhirserver.storage.connection import StoreError
from lab.fhirserver.storage.store import Store
from lab.fhirserver.storage.times import HOSPITAL_ZONE
from lab.fhirserver.storage.type_numbers import number
from lab.model.text import Text

_PLACES = ("", "audit", "journal/audit")
"""Where the trail stands in the folder of a trail, of a sandbox, of a certification run."""
_SQLITE = b"SQLite format 3\x00"


class TrailUnreadableError(ValueError):
    """There is no trail at that place, or what is there is none."""

    def __init__(self, fr: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(fr=fr, en=en)


@dataclass
class Reading:
    """What is read so far: ``damaged`` counts the lines that are no AuditEvent."""

    events: int = 0
    damaged: int = 0


def read_trail(path: Path, reading: Reading) -> Iterator[dict[str, Any]]:
    """Yield the AuditEvents of a trail, file by file, counting in ``reading``.

    A line that cannot be read is counted, not hidden: the answer is then known to be incomplete.

    Raises:
        TrailUnreadableError: nothing there is a trail.
    """
    if not path.exists():
        raise TrailUnreadableError(
            f"{path} n'existe pas : donner le dossier d'une piste d'audit, d'un bac à sable ou d'un run.",
            f"{path} does not exist: give the folder of an audit trail, of a sandbox or of a run.",
        )
    try:
        source = _stored(path) if _is_store(path) else _lines(path, reading)
        for event in source:
            reading.events += 1
            yield event
    except (OSError, sqlite3.Error, StoreError) as error:
        raise TrailUnreadableError(
            f"{path} ne peut être lu ({error}) : vérifier ses droits, ou donner ses fichiers NDJSON.",
            f"{path} cannot be read ({error}): check its permissions, or give its NDJSON files.",
        ) from None
    if reading.damaged and not reading.events:
        raise TrailUnreadableError(
            f"{path} n'est pas une piste d'audit : attendu un AuditEvent FHIR par ligne.",
            f"{path} is no audit trail: expected one FHIR AuditEvent on each line.",
        )


def _is_store(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(_SQLITE)) == _SQLITE


def _lines(path: Path, reading: Reading) -> Iterator[dict[str, Any]]:
    for file in _files(path):
        with file.open("rb") as lines:
            for line in lines:
                event = _event(line)
                if event is not None:
                    yield event
                elif line.strip():
                    reading.damaged += 1


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    for place in _PLACES:
        if found := sorted((path / place).glob(PATTERN)):
            return found
    raise TrailUnreadableError(
        f"{path} ne contient aucune piste d'audit ({PATTERN}) : donner un autre dossier.",
        f"{path} holds no audit trail ({PATTERN}): give another folder.",
    )


def _event(line: bytes) -> dict[str, Any] | None:
    """Return an AuditEvent that has what every one of ours has; None for anything else."""
    try:
        data = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(data, dict) or data.get("resourceType") != "AuditEvent":
        return None
    whole = isinstance(data.get("id"), str) and isinstance(data.get("recorded"), str) and data.get("agent")
    return data if whole else None


def _stored(path: Path) -> Iterator[dict[str, Any]]:
    store = Store(path, clock=lambda: datetime.now(UTC), zone=HOSPITAL_ZONE)
    try:
        rows = "select body from resource where type = ? and deleted = 0 and k > ? order by k limit 1000"
        last, sql = 0, rows.replace("select body", "select k, body")
        while some := store.rows(sql, (number("AuditEvent"), last)):
            for k, body in some:
                last = k
                event = _event(store.unpack(body))
                if event is not None:
                    yield event
    finally:
        store.close()
