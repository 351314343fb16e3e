"""The bulk exports of the server: one thread runs them one after another, beside the requests.

Jobs live in memory and their files in a folder that is emptied when the server starts: a restart forgets
every job, which then answers as one that never was. Disk, jobs and their lives are bounded.
"""

import logging
import secrets
import shutil
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue

from lab.fhir.response import FhirError
from lab.fhirserver.operations.export_job import CancelledError, Job, NoRoomError, Plan, Room, State
from lab.fhirserver.operations.export_owner import Owner
from lab.fhirserver.storage.store import Store

_LOG = logging.getLogger(__name__)
_PATIENCE_S = 10.0  # a job is given up between two pages


@dataclass(frozen=True)
class Limits:
    """``size`` bounds the files of all jobs together, in bytes; ``kept_s`` the life of a finished job."""

    running: int = 8
    running_by_client: int = 2
    size: int = 8_000_000_000
    kept_s: float = 3600.0


class Exports:
    """The jobs by id. Its methods are called by the thread of the requests, ``_work`` by the other one."""

    def __init__(
        self, folder: Path, run: Callable[[Job, Store, Room], None], limits: Limits | None = None
    ) -> None:
        """Take a folder of one's own, whose content is deleted, and what runs a job on a snapshot."""
        self._run_job = run
        self._folder = folder
        self._limits = limits or Limits()
        self._jobs: dict[str, Job] = {}
        self._waiting: SimpleQueue[tuple[Job, Store] | None] = SimpleQueue()
        self._worker: threading.Thread | None = None
        shutil.rmtree(folder, ignore_errors=True)

    def check_room(self, binding: str) -> None:
        """Verify that a client may start one more job.

        Raises:
            FhirError: 429 when too many are running.
        """
        self._forget_old()
        running = [job for job in self._jobs.values() if job.state is State.RUNNING]
        own = sum(job.owner.binding == binding for job in running)
        if len(running) >= self._limits.running or own >= self._limits.running_by_client:
            message = "Too many exports are running: wait for one, or delete it."
            raise FhirError(429, "throttled", message, (("retry-after", "10"),))

    def start(self, snapshot: Store, plan: Plan, owner: Owner) -> Job:
        """Start a job; the snapshot is closed when it ends."""
        id_ = secrets.token_hex(16)
        folder = self._folder / id_
        folder.mkdir(parents=True)
        job = self._jobs[id_] = Job(id_, owner, plan, folder)
        if self._worker is None:
            self._worker = threading.Thread(target=self._work, name="exports", daemon=True)
            self._worker.start()
        self._waiting.put((job, snapshot))
        return job

    def job(self, id_: str) -> Job | None:
        """Return a job that is not too old."""
        self._forget_old()
        return self._jobs.get(id_)

    def expiry(self, job: Job) -> float:
        """Return when a finished job will be forgotten, in seconds since 1970."""
        return time.time() + self._limits.kept_s - (time.monotonic() - job.ended)

    def forget(self, job: Job) -> None:
        """End a job and delete its files; one that is being sent is sent to its end."""
        job.cancelled.set()
        self._jobs.pop(job.id, None)
        shutil.rmtree(job.folder, ignore_errors=True)

    def close(self) -> None:
        """End everything."""
        for job in list(self._jobs.values()):
            self.forget(job)
        if self._worker is not None:
            self._waiting.put(None)
            self._worker.join(_PATIENCE_S)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _forget_old(self) -> None:
        oldest = time.monotonic() - self._limits.kept_s
        for job in [j for j in self._jobs.values() if j.state is not State.RUNNING and j.ended < oldest]:
            self.forget(job)

    def _room(self, more: int) -> bool:
        return sum(job.size for job in list(self._jobs.values())) + more <= self._limits.size

    def _work(self) -> None:
        while (waiting := self._waiting.get()) is not None:
            job, snapshot = waiting
            with closing(snapshot):
                self._run(job, snapshot)

    def _run(self, job: Job, snapshot: Store) -> None:
        state = State.FAILED
        try:
            if not job.cancelled.is_set():
                self._run_job(job, snapshot, self._room)
                state = State.DONE
        except NoRoomError:
            job.failure = (
                "The export is too large for this server: narrow it by _type, _typeFilter or _since."
            )
        except CancelledError:
            pass
        except FhirError as error:
            job.failure = error.diagnostics
        except Exception:  # noqa: BLE001 - whatever it is, the thread goes on with the next job
            job.failure = "The export failed."
            if not job.cancelled.is_set():
                _LOG.exception("An export failed.")
        job.ended = time.monotonic()
        job.state = state
        if state is State.FAILED:
            job.size = 0
        if state is State.FAILED or job.cancelled.is_set():
            shutil.rmtree(job.folder, ignore_errors=True)
