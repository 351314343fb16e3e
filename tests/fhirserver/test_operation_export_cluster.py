"""Exports of a real cluster: whichever worker answers, one that is killed, and what a restart finds."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from exporting import RESPOND_ASYNC
from server_hospital import hospital, observation

from lab.fhirserver.backend import EmbeddedBackend
from lab.fhirserver.cluster import Cluster, cluster

MANY = 20_000
Worker = subprocess.Popen[bytes]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that takes about a second to export."""
    path = tmp_path_factory.mktemp("large") / "h.db"
    backend = EmbeddedBackend(path, page_key=b"p" * 32)
    backend.load([*hospital(), *(observation(f"many-{n}", "in1") for n in range(MANY))])
    backend.close()
    return path


@pytest.fixture
def store(large: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(large, tmp_path / "h.db"))


@pytest.fixture
def three(store: Path) -> Iterator[Cluster]:
    with cluster(store, workers=3) as running:
        yield running


def asked(running: Cluster, url: str, method: str = "GET", **headers: str) -> httpx.Response:
    """Ask on a new connection, which goes to whoever takes it."""
    address = url if url.startswith("http") else f"{running.base_url}{url}"
    return httpx.request(method, address, headers=headers, trust_env=False, timeout=20)


def started(running: Cluster, url: str = "/$export") -> str:
    answer = asked(running, url, **RESPOND_ASYNC)
    assert answer.status_code == 202, answer.text
    return answer.headers["content-location"]


def ended(running: Cluster, status_url: str) -> httpx.Response:
    deadline = time.monotonic() + 60
    while (answer := asked(running, status_url)).status_code in {202, 429}:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return answer


def jobs(store: Path) -> list[Path]:
    """Return the folders of the jobs, each in that of the process that runs it."""
    return sorted(store.with_name("h.db-exports").glob("*/*"))


def runner_of(running: Cluster, store: Path, status_url: str) -> Worker:
    """Return the worker that runs a job."""
    (folder,) = (path for path in jobs(store) if path.name == status_url.rpartition("/")[2])
    pid = int(folder.parent.name.partition("-")[0])
    return next(worker for worker in running.processes if worker.pid == pid)


def halt(worker: Worker) -> None:
    os.kill(worker.pid, signal.SIGSTOP)
    os.waitid(os.P_PID, worker.pid, os.WSTOPPED | os.WNOWAIT)


@contextmanager
def stopped(*workers: Worker) -> Iterator[None]:
    """Let some workers stand still: others answer everything meanwhile."""
    for worker in workers:
        halt(worker)
    try:
        yield
    finally:
        for worker in workers:
            os.kill(worker.pid, signal.SIGCONT)


@contextmanager
def alone(running: Cluster, worker: Worker) -> Iterator[None]:
    """Let one worker answer everything."""
    with stopped(*(other for other in running.processes if other is not worker)):
        yield


def killed(worker: Worker) -> None:
    worker.send_signal(signal.SIGKILL)
    worker.wait(20)


def test_each_worker_gives_what_one_has_exported(three: Cluster, store: Path) -> None:
    status_url = started(three)
    manifest = ended(three, status_url).json()
    assert sum(item["count"] for item in manifest["output"]) == MANY + sum(1 for _ in hospital())
    files = {item["url"]: item["count"] for item in manifest["output"]}
    contents = set()
    for worker in three.processes:
        with alone(three, worker):
            assert asked(three, status_url).json() == manifest
            answers = {url: asked(three, url).content for url in files}
            assert {url: content.count(b"\n") for url, content in answers.items()} == files
            contents.add(tuple(sorted(answers.items())))
    assert len(contents) == 1
    other = next(w for w in three.processes if w is not runner_of(three, store, status_url))
    with alone(three, other):
        assert asked(three, status_url, "DELETE").status_code == 202
    for worker in three.processes:
        with alone(three, worker):
            assert asked(three, status_url).status_code == 404
            assert {asked(three, url).status_code for url in files} == {404}
    assert jobs(store) == []


def test_a_running_job_is_told_and_ended_by_the_others(three: Cluster, store: Path) -> None:
    status_url = started(three)
    runner = runner_of(three, store, status_url)
    with stopped(runner):
        for worker in three.processes:
            if worker is not runner:
                with stopped(*(w for w in three.processes if w not in {worker, runner})):
                    told = asked(three, status_url)
                    assert (told.status_code, told.headers["retry-after"]) == (202, "1")
                    assert told.headers["x-progress"].endswith("resource types")
        second = started(three)
        assert asked(three, "/$export", **RESPOND_ASYNC).status_code == 429
        assert asked(three, status_url, "DELETE").status_code == 202
        assert asked(three, status_url).status_code == 404
        third = started(three, "/$export?_type=Group")
    assert {ended(three, url).status_code for url in (second, third)} == {200}
    with alone(three, runner):  # what it runs next begins when it has given up the job
        fourth = started(three, "/$export?_type=Group")
        assert ended(three, fourth).status_code == 200
    assert {path.name for path in jobs(store)} == {url.rpartition("/")[2] for url in (second, third, fourth)}
    assert three.alive


def test_the_jobs_of_a_killed_worker_are_forgotten(three: Cluster, store: Path) -> None:
    done = started(three, "/$export?_type=Group")
    assert ended(three, done).status_code == 200
    survivor = runner_of(three, store, done)
    running, runners = [], []
    with stopped(survivor):
        for _ in range(2):
            running.append(started(three))
            runners.append(runner_of(three, store, running[-1]))
            halt(runners[-1])  # what stands still does not end before it is killed
    assert asked(three, "/$export", **RESPOND_ASYNC).status_code == 429
    for worker in runners:
        killed(worker)
    assert {asked(three, url).status_code for url in running} == {404}
    assert [path.name for path in jobs(store)] == [done.rpartition("/")[2]]
    assert asked(three, done).status_code == 200
    assert ended(three, started(three)).status_code == 200


def test_a_restart_forgets_and_cleans(store: Path) -> None:
    with cluster(store, workers=2) as running:
        status_url = started(running)
        for worker in running.processes:
            killed(worker)
    assert jobs(store)
    path = "/$export-status/" + status_url.rpartition("/")[2]
    with cluster(store, workers=2) as running:
        assert not store.with_name("h.db-exports").exists() or not jobs(store)
        assert asked(running, path).status_code == 404
        kept = started(running, "/$export?_type=Group")
        assert ended(running, kept).status_code == 200
        backend = EmbeddedBackend(store, page_key=b"p" * 32)  # one more process comes and goes
        assert asked(running, kept).status_code == 200
        backend.close()
        assert asked(running, kept).status_code == 200
    assert not store.with_name("h.db-exports").exists()
