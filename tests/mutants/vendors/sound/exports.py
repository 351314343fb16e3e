"""Bulk export: jobs and files that belong to the client that asked.

Spec: https://hl7.org/fhir/uv/bulkdata/STU2/export.html
"""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from tests.mutants.vendors.sound.message import Answer, Json, nothing_there


@dataclass(frozen=True)
class Job:
    """``files`` are NDJSON bodies by type, ``cohort`` stands for whom the owner saw when they were made."""

    owner: str
    request: str
    files: dict[str, bytes]
    cohort: object = None


class Exports:
    """The jobs of this server."""

    def __init__(self, base: str, cohort: Callable[[str], object]) -> None:
        self.base = base
        self.cohort = cohort
        self.jobs: dict[str, Job] = {}

    def start(self, owner: str, request: str, resources: dict[str, list[Json]]) -> Answer:
        """Keep what a client may see now, and tell where."""
        id_ = secrets.token_hex(12)
        files = {
            t: b"".join(json.dumps(one).encode() + b"\n" for one in held)
            for t, held in resources.items()
            if held
        }
        self.jobs[id_] = Job(owner, request, files, self.cohort(owner))
        return Answer(202, headers=(("Content-Location", f"{self.base}/export-status/{id_}"),))

    def status(self, caller: str, id_: str) -> Answer:
        """Return the manifest of a job."""
        job = self.job(caller, id_)
        output = [{"type": type_, "url": f"{self.base}/export-file/{id_}/{type_}"} for type_ in job.files]
        manifest = {
            "transactionTime": "2026-01-01T00:00:00Z",
            "request": job.request,
            "requiresAccessToken": True,
            "output": output,
            "error": [],
        }
        return Answer(200, json.dumps(manifest).encode(), content_type="application/json")

    def file(self, caller: str, id_: str, type_: str) -> Answer:
        """Return one file."""
        job = self.job(caller, id_, way="file")
        if type_ not in job.files:
            raise nothing_there()
        return Answer(200, job.files[type_], content_type="application/fhir+ndjson")

    def cancel(self, caller: str, id_: str) -> Answer:
        """Forget a job."""
        self.job(caller, id_)
        del self.jobs[id_]
        return Answer(202)

    def job(self, caller: str, id_: str, way: str = "status") -> Job:
        """Return a job of the caller's own."""
        job = self.jobs.get(id_)
        if job is None or not self.owns(caller, job, way) or self.over(job):
            raise nothing_there()
        return job

    def over(self, job: Job) -> bool:
        """Tell whether the cohort has changed since: who has left it is in none of its files."""
        return job.cohort != self.cohort(job.owner)

    def owns(self, caller: str, job: Job, way: str) -> bool:
        """Tell whether a job is the caller's."""
        del way
        return job.owner == caller
