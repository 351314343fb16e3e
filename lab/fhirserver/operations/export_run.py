"""Run a bulk export: read its snapshot by small pages and write NDJSON, leaving time to the requests.

A file ends after a number of lines, so that a client can take one again when it was cut.
Spec: https://hl7.org/fhir/uv/bulkdata/STU2/export.html#response---output-file
"""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import orjson

from lab.fhirserver.operations.export_job import Allow, CancelledError, File, Job, Part
from lab.fhirserver.search.plan import find
from lab.fhirserver.search_type import bodies
from lab.fhirserver.sql import Sql
from lab.fhirserver.storage.store import Store
from lab.fhirserver.storage.type_numbers import number

LINES = 20_000
_PAGE = 200
_PAUSE_S = 0.002  # after each page: the thread of the requests goes first


def run(job: Job, parts: tuple[Part, ...], snapshot: Store, allow: Allow) -> None:
    """Write the files of a job.

    Raises:
        CancelledError: it is not wanted any more.
        NoRoomError: its files are too large.
    """
    for part in parts:
        _write(job, part.type, _resources(snapshot, part), allow, deleted=False)
        if part.deletions is not None:
            _write(job, "Bundle", _deletions(snapshot, part.type, part.deletions), allow, deleted=True)
        job.parts_done += 1


def _resources(snapshot: Store, part: Part) -> Iterator[list[bytes]]:
    after = None
    while found := find(snapshot, part.query, _PAGE, after):
        yield [row.body for row in bodies(snapshot, part.type, found)]
        after = found[-1]


def _deletions(snapshot: Store, type_: str, condition: Sql) -> Iterator[list[bytes]]:
    """Yield transactions that delete what was deleted."""
    last = 0
    while True:
        query = (
            Sql(
                "select r.k, r.id from resource r where r.type = ? and r.deleted = 1 and r.k > ? and",
                (number(type_), last),
            )
            + condition
            + Sql("order by r.k limit ?", (_PAGE,))
        )
        rows = snapshot.rows(query.text, query.args)
        if not rows:
            return
        last = rows[-1][0]
        entries = [{"request": {"method": "DELETE", "url": f"{type_}/{id_}"}} for _, id_ in rows]
        yield [orjson.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries})]


def _write(job: Job, type_: str, pages: Iterator[list[bytes]], allow: Allow, *, deleted: bool) -> None:
    """Write the lines of one type to as many files as needed, none for none."""
    path, target, count = Path(), None, 0
    try:
        for page in pages:
            if target is None:
                path = job.folder / f"{len(job.files)}.ndjson"
                target, count = path.open("wb"), 0
            _append(job, target, page, allow)
            count += len(page)
            if count >= LINES:
                target.close()
                target = None
                job.files += (File(type_, path, count, deleted),)
    finally:
        if target is not None:
            target.close()
    if target is not None:
        job.files += (File(type_, path, count, deleted),)


def _append(job: Job, target: BinaryIO, page: list[bytes], allow: Allow) -> None:
    text = b"\n".join(page) + b"\n"
    allow(job, len(text))
    job.size += len(text)
    target.write(text)
    if job.cancelled.wait(_PAUSE_S):
        raise CancelledError
