"""What the tests of the whole laboratory share: the command, and one whole certification to look at."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent
COMMAND = [sys.executable, "-c", "from lab.cli import main; main()"]
ENVIRONMENT = {**os.environ, "LAB_LANG": "en", "COLUMNS": "200"}


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The folder of the repository."""
    return CHECKOUT


@pytest.fixture(scope="session")
def lab():
    """Run the ``lab`` command as a user would; return the finished process."""

    def run(*arguments: str, cwd: Path = CHECKOUT, timeout: float = 240, **environment: str):
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
        return subprocess.Popen([*COMMAND, *arguments], cwd=CHECKOUT, env=ENVIRONMENT, text=True, **options)

    return start


@pytest.fixture(scope="session")
def demonstration(lab, tmp_path_factory):
    """The whole certification of the bundled example, run once: the finished process and its folder."""
    working_folder = tmp_path_factory.mktemp("demonstration")
    finished = lab("demo", "--patients", "200", cwd=working_folder)
    (folder,) = (working_folder / "runs").iterdir()
    return finished, folder
