"""The processes of one run: one generator, or Locust's master and its workers, each with its orders.

``import locust`` patches the whole process it happens in (gevent), hence the children. Orders reach them
through a pipe, so that tokens and assertions are never on disk. Everything listens on this machine only.
Source: https://docs.locust.io/en/stable/running-distributed.html
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from lab.load.error import LoadError
from lab.load.orders import Orders

LOCUSTFILE = Path(__file__).with_name("locustfile.py")
LOG_FILE = "locust.log"
STATISTICS = "locust"  # Locust adds .json

STOP_S = 5.0
_MASTER_S = 60.0  # importing Locust took 4 s on two busy cores
_LOOK_S = 0.05
_PORT = re.compile(rb"Master listens on port (\d+)")

# Everything else stays out: LOCUST_* are options, PYTHON* change imports, *_PROXY reroutes requests.
KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "SSL_CERT_FILE", "SSL_CERT_DIR")

# Numpy sorts the samples of a second: threads of its own would wait for work, and be counted as work.
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


class Children:
    """``generators`` are in the order of their orders; ``master`` is None when there is one generator."""

    def __init__(self, orders: Sequence[Orders], folder: Path) -> None:
        """Start them in a folder, where each leaves its log; ``stop`` must follow.

        Raises:
            LoadError: the master did not listen.
        """
        self.generators: list[subprocess.Popen[bytes]] = []
        self.master: subprocess.Popen[bytes] | None = None
        self._folder = folder
        try:
            if len(orders) == 1:
                self._generator(command(), LOG_FILE)
                self._hand_over(orders)
                return
            self.master = self._start(master_command(len(orders)), folder / LOG_FILE, subprocess.DEVNULL)
            port = self._port(self.master)
            for one in orders:
                self._generator(worker_command(port), self.log_of(one.worker).name)
            # None reads before all are there: long orders do not fit into the pipe until then.
            self._hand_over(orders)
        except BaseException:
            self.stop()
            raise

    @property
    def all(self) -> list[subprocess.Popen[bytes]]:
        """Every process, generators first."""
        return [*self.generators, *([self.master] if self.master else [])]

    def log_of(self, worker: int) -> Path:
        """Return the log of one generator."""
        name = LOG_FILE if self.master is None else f"locust-{worker + 1}.log"
        return self._folder / name

    def stop(self) -> None:
        """End those that live, at first politely, so that they record what they have."""
        living = [child for child in self.all if child.poll() is None]
        for child in living:
            child.terminate()
        for child in living:
            try:
                child.wait(timeout=STOP_S)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()

    def _generator(self, words: list[str], log: str) -> None:
        self.generators.append(self._start(words, self._folder / log, subprocess.PIPE))

    def _hand_over(self, orders: Sequence[Orders]) -> None:
        for child, one in zip(self.generators, orders, strict=True):
            if child.stdin is not None:
                try:
                    with child.stdin as pipe:
                        pipe.write(one.to_json())
                except BrokenPipeError:
                    pass  # it died before reading; its exit code and log say why

    def _start(self, words: list[str], log: Path, stdin: int) -> subprocess.Popen[bytes]:
        with log.open("wb") as output:
            return subprocess.Popen(  # noqa: S603 - our own interpreter and file
                words,
                cwd=self._folder,  # Locust imports from its working folder and reads its configuration there
                env={**environment(os.environ, home=self._folder), **_ONE_THREAD},
                stdin=stdin,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # an interruption of the terminal is for us to pass on
            )

    def _port(self, master: subprocess.Popen[bytes]) -> int:
        """Wait until the master says where it listens."""
        log = self._folder / LOG_FILE
        deadline = time.monotonic() + _MASTER_S
        while time.monotonic() < deadline and master.poll() is None:
            if said := _PORT.search(log.read_bytes()):
                return int(said[1])
            time.sleep(_LOOK_S)
        message = f"The master of the load generators did not listen: {last_line(log)}"
        raise LoadError(message)


def command() -> list[str]:
    """Return the command of a generator alone; ``-P`` keeps its working folder out of the imports."""
    return [*_locust(), "--headless", "--users", "1", "--only-summary", "--json-file", STATISTICS]


def master_command(workers: int, port: int = 0) -> list[str]:
    """Return the command of the master; port 0 is any that is free."""
    return [*_locust(), "--headless", "--json-file", STATISTICS, *master_options(workers, "127.0.0.1", port)]


def master_options(workers: int, host: str, port: int | None) -> list[str]:
    """Return how Locust is told to be a master, one user for each worker; no port where others say it."""
    number = str(workers)
    own = ["--users", number, "--spawn-rate", number, "--expect-workers", number, "--only-summary"]
    where = ["--master", "--master-bind-host", host, "--master-bind-port", str(port)]
    return own if port is None else [*own, *where]


def worker_command(port: int, host: str = "127.0.0.1") -> list[str]:
    """Return the command of a worker."""
    return [*_locust(), *worker_options(host, port)]


def worker_options(host: str, port: int) -> list[str]:
    """Return how Locust is told to be a worker."""
    return ["--worker", "--master-host", host, "--master-port", str(port)]


def environment(variables: Mapping[str, str], *, home: Path) -> dict[str, str]:
    """Return the few variables a child needs; an own home keeps ``~/.locust.conf`` out too."""
    kept = {name: variables[name] for name in KEPT_VARIABLES if name in variables}
    return {**kept, "HOME": str(home)}


def last_line(log: Path) -> str:
    """Return what a log says last, what is critical before the rest."""
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    critical = [line for line in lines if "/CRITICAL/" in line or "/ERROR/" in line]
    return next((line.strip() for line in reversed([*lines, *critical]) if line.strip()), "its log is empty.")


def _locust() -> list[str]:
    return [sys.executable, "-P", "-m", "locust", "-f", str(LOCUSTFILE)]
