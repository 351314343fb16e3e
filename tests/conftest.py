"""What the tests of the whole laboratory share: the command, and one whole certification to look at."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

# One thread of linear algebra for each process: on a busy machine more of them wait for one another.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

CHECKOUT = Path(__file__).resolve().parent.parent
COMMAND = [sys.executable, "-c", "from lab.cli import main; main()"]
TRIES = 3
ENVIRONMENT = {**os.environ, "LAB_LANG": "en", "COLUMNS": "200"}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the tests of the embedded server run on another store."""
    parser.addoption(
        "--store",
        choices=("sqlite", "postgresql", "both"),
        default="sqlite",
        help="the store of the embedded server in its tests; those marked both_stores run on both",
    )


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The folder of the repository."""
    return CHECKOUT


@pytest.fixture(scope="session")
def lab():
    """Run the ``lab`` command as a user would; return the finished process."""

    def run(*arguments: str, cwd: Path = CHECKOUT, timeout: float = 600, **environment: str):
        return subprocess.run(
            [*COMMAND, *arguments],
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=timeout,
            env={**ENVIRONMENT, **environment},
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def started_lab():
    """Start the ``lab`` command and leave it running; the caller ends it."""

    def start(*arguments: str, **options):
        # A suite started in the background ignores Ctrl-C, and what it starts would inherit that.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        return subprocess.Popen([*COMMAND, *arguments], cwd=CHECKOUT, env=ENVIRONMENT, text=True, **options)

    return start


@pytest.fixture(scope="session")
def demonstration(lab, tmp_path_factory):
    """The whole certification of the bundled example: the finished process and its folder.

    It is run again when only a latency kept it from conforming: that is the machine's business, not a test's.
    """
    for _ in range(TRIES):
        working_folder = tmp_path_factory.mktemp("demonstration")
        finished = lab("demo", "--patients", "1000", cwd=working_folder)
        (folder,) = (working_folder / "runs").iterdir()
        if not slow_only(json.loads((folder / "run.json").read_text())):
            break
    return finished, folder


def slow_only(document) -> bool:
    """Tell whether latencies are all that is wrong with a run."""
    unmet = [t["expression"] for load in document["load"] for t in load["thresholds"] if not t["met"]]
    invalid = any(not load["valid"] for load in document["load"])
    failed = [f for f in document["findings"] if f["outcome"] == "fail"]
    return not failed and (invalid or bool(unmet)) and all("p95" in expression for expression in unmet)
