"""What the tests of the whole laboratory share: a run of the certification that several of them look at."""

import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The folder of the repository."""
    return CHECKOUT


@pytest.fixture
def lab():
    """Run the ``lab`` command as a user would; return the finished process."""

    def run(*arguments: str, cwd: Path | None = None, timeout: float = 240, **environment: str):
        import os

        return subprocess.run(
            [sys.executable, "-c", "from lab.cli import main; main()", *arguments],
            cwd=cwd or CHECKOUT,
            capture_output=True,
            text=True,
            timeout=timeout,
            env={**os.environ, "LAB_LANG": "en", "COLUMNS": "200", **environment},
            check=False,
        )

    return run
