"""The server alone, in as many processes as asked for, for the length of a block."""

import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from lab.fhirserver.asgi import PREFIX
from lab.fhirserver.listening import LOOPBACK, bind
from lab.fhirserver.storage.address import Place, is_database
from lab.fhirserver.worker import WorkerPlan
from lab.model.release import Release

_STOP_S = 10


class ClusterError(RuntimeError):
    """A process of the server did not start, or ended by itself."""


class Cluster:
    """A running server; ``processes`` are its workers."""

    def __init__(self, base_url: str, key: str, processes: "list[subprocess.Popen[bytes]]") -> None:
        self.base_url, self.key = base_url, key
        self.processes = processes

    @property
    def alive(self) -> bool:
        """Tell whether every process still runs."""
        return all(process.poll() is None for process in self.processes)


@contextmanager
def cluster(
    store: Place,
    *,
    workers: int = 1,
    port: int = 0,
    key: str = "",
    release: Release = "R4",
    exports: Path | None = None,
) -> Iterator[Cluster]:
    """Serve a store on this machine; an empty ``key`` lets everybody of this machine in.

    ``exports`` is the folder for the files of exports of a store that is a database.

    Raises:
        OSError: the port is taken.
        ClusterError: a process did not start.
    """
    with bind(LOOPBACK, port) as listener:
        base_url = f"http://{LOOPBACK}:{listener.getsockname()[1]}{PREFIX}"
        plan = WorkerPlan(
            str(store),
            base_url,
            key,
            "" if is_database(store) else secrets.token_hex(32),
            listener.fileno(),
            release,
            str(exports or ""),
        )
        processes: list[subprocess.Popen[bytes]] = []
        try:
            processes += (_started(plan) for _ in range(workers))  # in turn: the first makes the store
            yield Cluster(base_url, key, processes)
        finally:
            for process in processes:
                _stop(process)


def _started(plan: WorkerPlan) -> "subprocess.Popen[bytes]":
    process = subprocess.Popen(
        [sys.executable, "-m", "lab.fhirserver.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        pass_fds=[plan.listener],
        start_new_session=True,
    )
    assert process.stdin is not None  # noqa: S101 - opened as a pipe just above
    assert process.stdout is not None  # noqa: S101
    with suppress(BrokenPipeError):
        process.stdin.write(plan.to_line())
        process.stdin.flush()
    said = process.stdout.readline().decode(errors="replace").strip()
    if said != "ready":
        _stop(process)
        raise ClusterError(said or "A process of the server did not start: see what it wrote above.")
    return process


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """Close the input of a process, wait for it, end it if it does not."""
    if process.stdin:
        with suppress(BrokenPipeError):
            process.stdin.close()
    try:
        process.wait(_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()
