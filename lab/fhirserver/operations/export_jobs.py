"""The bulk exports of a store: one thread of a process runs its jobs one after another, beside the requests.

A job is a folder, which every process that serves the store reads: any of them tells how far it is, gives its
files and deletes it. It ends with the process that runs it: a restart forgets every job, which then answers
as one that never was. Disk, jobs and their lives are bounded, for all processes together.
"""

import logging
import re
import secrets
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from queue import SimpleQueue

from lab.fhir.response import FhirError
from lab.fhirserver.operations.export_home import Home, home, homes, leave
from lab.fhirserver.operations.export_job import (
    Allow,
    CancelledError,
    Failure,
    Job,
    NoRoomError,
    Part,
    Plan,
    Share,
    State,
)
from lab.fhirserver.operations.export_owner import Owner
from lab.fhirserver.operations.export_record import is_there, publish, read_job, read_share, tell, withdraw
from lab.fhirserver.storage.store import Store

_LOG = logging.getLogger(__name__)
_PATIENCE_S = 10.0  # a job is given up between two pages
_TELLING_S = 0.2  # how often others are told of a job, and asked what theirs take
_ID = re.compile(r"[0-9a-f]{32}")

Run = Callable[[Job, tuple[Part, ...], Store, Allow], None]


@dataclass(frozen=True)
class Limits:
    """``size`` bounds the files of all jobs together, in bytes; ``kept_s`` the life of a finished job."""

    running: int = 8
    running_by_client: int = 2
    size: int = 8_000_000_000
    kept_s: float = 3600.0


class Exports:
    """The jobs by id. Its methods are called by the thread of the requests, ``_work`` by the other one."""

    def __init__(self, root: Path | None, run: Run, limits: Limits | None = None) -> None:
        """Take the folder that the processes share, if there is one, and what runs a job on a snapshot."""
        self._run_job = run
        self._root = root
        self._limits = limits or Limits()
        self._home: Home | None = None
        self._jobs: dict[str, Job] = {}
        self._asked: dict[str, float] = {}
        self._told, self._others = 0.0, 0
        self._ending = threading.Lock()
        self._waiting: SimpleQueue[tuple[Job, tuple[Part, ...], Store] | None] = SimpleQueue()
        self._worker: threading.Thread | None = None
        self._shares()

    def check_room(self, binding: str, besides: str = "") -> None:
        """Verify that a client may start one more job, or may have the one that it has just started.

        Raises:
            FhirError: 429 when too many are running; 501 when there is no folder for their files.
        """
        self._folder()
        shares = self._shares()
        running = [s.binding for id_, s in shares.items() if s.state is State.RUNNING and id_ != besides]
        if len(running) >= self._limits.running or running.count(binding) >= self._limits.running_by_client:
            message = "Too many exports are running: wait for one, or delete it."
            raise FhirError(429, "throttled", message, (("retry-after", "10"),))

    def start(self, snapshot: Store, plan: Plan, owner: Owner) -> Job:
        """Start a job; the snapshot is closed when it ends.

        Raises:
            FhirError: 429 when another process has started one meanwhile, and too many are running.
        """
        self._jobs = {id_: job for id_, job in self._jobs.items() if is_there(job.folder)}
        if self._home is not None and not self._home.path.exists():  # somebody has tidied up
            self._leave()
        if self._home is None:
            self._home = home(self._folder())
        id_ = secrets.token_hex(16)
        job = Job(id_, owner, plan.url, plan.time, len(plan.parts), self._home.path / id_)
        try:
            publish(job)
            self.check_room(owner.binding, besides=id_)  # who looks after writing misses nobody
        except BaseException:
            withdraw(job.folder)
            raise
        self._jobs[id_] = job
        if self._worker is None:
            self._worker = threading.Thread(target=self._work, name="exports", daemon=True)
            self._worker.start()
        self._waiting.put((job, plan.parts, snapshot))
        return job

    def job(self, id_: str) -> Job | None:
        """Return a job that is not too old, of whichever process."""
        if not _ID.fullmatch(id_):
            return None
        with self._ending:
            own = self._jobs.get(id_)
        job = own or next(filter(None, (read_job(each / id_) for each in homes(self._root))), None)
        if job is None or not is_there(job.folder):
            return None
        if self._is_old(job):
            self.forget(job)
            return None
        return job

    def expiry(self, job: Job) -> float:
        """Return when a finished job will be forgotten, in seconds since 1970."""
        return job.ended + self._limits.kept_s

    def asked_within(self, seconds: float, job: Job) -> bool:
        """Tell whether this process was asked for the status of a job less than some seconds ago."""
        now = time.monotonic()
        self._asked = {id_: at for id_, at in self._asked.items() if now - at < seconds}
        before = job.id in self._asked
        self._asked[job.id] = now
        return before

    def forget(self, job: Job) -> None:
        """End a job and delete its files; one that is being sent is sent to its end."""
        job.cancelled.set()
        self._jobs.pop(job.id, None)
        withdraw(job.folder)

    def close(self) -> None:
        """End what this process runs, and delete its files."""
        for job in list(self._jobs.values()):
            self.forget(job)
        if self._worker is not None:
            self._waiting.put(None)
            self._worker.join(_PATIENCE_S)
        self._leave()

    def _leave(self) -> None:
        if self._home is not None:
            leave(self._home)
            self._home = None

    def _is_old(self, job: Job | Share) -> bool:
        return job.state is not State.RUNNING and job.ended < time.time() - self._limits.kept_s

    def _folder(self) -> Path:
        if self._root is None:
            message = "This server has no folder for the files of exports: its operator must name one."
            raise FhirError(501, "not-supported", message)
        return self._root

    def _shares(self) -> dict[str, Share]:
        """Return what the jobs of all processes take; those that are too old are deleted."""
        found: dict[str, Share] = {}
        for each in homes(self._root):
            with suppress(FileNotFoundError):  # its process has just left
                for folder in each.iterdir():
                    share = read_share(folder)
                    if share is not None and self._is_old(share):
                        withdraw(folder)
                    elif share is not None:
                        found[folder.name] = share
        return found

    def _allow(self, job: Job, more: int) -> None:
        if not is_there(job.folder):
            raise CancelledError
        if time.monotonic() - self._told > _TELLING_S:
            self._share(job)
        if self._others + job.size + more > self._limits.size:
            raise NoRoomError

    def _share(self, job: Job) -> None:
        """Tell the other processes how far a job is, and learn what the other jobs take."""
        tell(job)
        self._others = sum(share.size for id_, share in self._shares().items() if id_ != job.id)
        self._told = time.monotonic()

    def _work(self) -> None:
        while (waiting := self._waiting.get()) is not None:
            job, parts, snapshot = waiting
            with closing(snapshot):
                self._run(job, parts, snapshot)

    def _run(self, job: Job, parts: tuple[Part, ...], snapshot: Store) -> None:
        state = State.FAILED
        try:
            if not job.cancelled.is_set():
                self._share(job)
                self._run_job(job, parts, snapshot, self._allow)
                state = State.DONE
        except NoRoomError:
            why = "The export is too large for this server: narrow it by _type, _typeFilter or _since."
            job.failure = Failure(500, "too-costly", why)
        except CancelledError:
            pass
        except FhirError as error:
            job.failure = Failure(error.status, error.issue, error.diagnostics)
        except Exception:  # noqa: BLE001 - whatever it is, the thread goes on with the next job
            job.failure = Failure(500, "exception", "The export failed.")
            if is_there(job.folder):
                _LOG.exception("An export failed.")
        self._end(job, state)

    def _end(self, job: Job, state: State) -> None:
        """Tell that a job has ended; what was deleted while it ran leaves nothing."""
        if state is State.FAILED:
            with suppress(OSError):  # its folder may be going at this very moment: this thread must live
                for file in job.folder.glob("*.ndjson"):
                    file.unlink(missing_ok=True)
            job.files, job.size = (), 0
        job.ended = time.time()
        with self._ending:  # from one moment on, this process and the others say the same
            try:
                tell(replace(job, state=state))
            except OSError:
                if is_there(job.folder):
                    _LOG.exception("The end of an export could not be written: it is forgotten.")
                withdraw(job.folder)
            job.state = state
        if job.cancelled.is_set() or not is_there(job.folder):
            withdraw(job.folder)
