"""A job of bulk export on the disk, where any process reads it: whose it is, and how far it is.

``owner.json`` is written once, and a job is there as long as that file is: to delete it ends the job, also
for the process that runs it. ``job.json`` is small and replaced at once, by that process alone.
"""

import shutil
from collections.abc import Mapping
from dataclasses import astuple
from pathlib import Path
from typing import Any

import orjson

from lab.fhir.cohort import Cohort
from lab.fhirserver.operations.export_job import Failure, File, Job, Share, State
from lab.fhirserver.operations.export_owner import Extent, Owner

_OWNER, _JOB = "owner.json", "job.json"
_UNREADABLE = (OSError, ValueError, KeyError, TypeError)  # gone meanwhile, or damaged: then it is not there


def publish(job: Job) -> None:
    """Write a job that is new: from now on it is there."""
    job.folder.mkdir()
    tell(job)
    _write(job.folder / _OWNER, _owner_to_json(job.owner))


def tell(job: Job) -> None:
    """Write how far a job is.

    Raises:
        OSError: the disk is full, or the job has been deleted.
    """
    record = {
        "binding": job.owner.binding,
        "url": job.url,
        "time": job.time,
        "parts": job.parts,
        "state": job.state,
        "parts_done": job.parts_done,
        "files": [[file.type, file.path.name, file.count, file.deleted] for file in job.files],
        "size": job.size,
        "failure": job.failure and astuple(job.failure),
        "ended": job.ended,
    }
    _write(job.folder / _JOB, record)


def is_there(folder: Path) -> bool:
    """Tell whether the job of a folder has not been deleted."""
    return (folder / _OWNER).exists()


def withdraw(folder: Path) -> None:
    """Delete a job and its files; the process that runs it deletes what it was just writing."""
    (folder / _OWNER).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


def read_share(folder: Path) -> Share | None:
    """Return what a job takes of the bounds; None when it is not there."""
    try:
        told = orjson.loads((folder / _JOB).read_bytes())
        share = Share(told["binding"], State(told["state"]), told["size"], told["ended"])
    except _UNREADABLE:
        return None
    return share if is_there(folder) else None


def read_job(folder: Path) -> Job | None:
    """Return a job as it was told last; None when it is not there."""
    try:
        told = orjson.loads((folder / _JOB).read_bytes())
        owner = _owner_of_json(told["binding"], orjson.loads((folder / _OWNER).read_bytes()))
        failure = Failure(*told["failure"]) if told["failure"] else None
        files = tuple(File(type_, folder / name, *rest) for type_, name, *rest in told["files"])
        return Job(
            folder.name,
            owner,
            *(told["url"], told["time"], told["parts"]),
            folder,
            *(State(told["state"]), told["parts_done"], files),
            *(told["size"], failure, told["ended"]),
        )
    except _UNREADABLE:
        return None


def _write(path: Path, content: Mapping[str, Any]) -> None:
    """Replace a file at once: a reader finds the one or the other, whole."""
    beside = path.with_suffix(".new")
    beside.write_bytes(orjson.dumps(content))
    beside.replace(path)


def _owner_to_json(owner: Owner) -> dict[str, Any]:
    extents = {
        type_: {
            "within": [sorted(clause) for clause in extent.cohort.within],
            "without": sorted(extent.cohort.without),
            "queries": [sorted(each) for each in extent.cohort.queries],
            "inside": None if extent.inside is None else sorted(extent.inside),
            "denied": sorted(extent.denied),
        }
        for type_, extent in owner.extents.items()
    }
    return {"time": owner.time, "extents": extents}


def _owner_of_json(binding: str, told: Mapping[str, Any]) -> Owner:
    extents = {
        type_: Extent(
            Cohort(
                tuple(frozenset(clause) for clause in each["within"]),
                frozenset(each["without"]),
                tuple(frozenset(queries) for queries in each["queries"]),
            ),
            None if each["inside"] is None else frozenset(each["inside"]),
            frozenset(each["denied"]),
        )
        for type_, each in told["extents"].items()
    }
    return Owner(binding, told["time"], extents)
