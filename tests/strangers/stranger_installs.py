"""Where the strangers are installed: named by an environment variable, else installed now, else skipped."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

_PROGRAMS = Path(__file__).resolve().parent / "programs"
_PIP = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1")
_LONGEST_S = 600


def python_environment(folder: Path, variable: str, *packages: str) -> Path:
    """Return the folder of a virtual environment that holds packages of PyPI."""
    if given := os.environ.get(variable):
        return Path(given)
    _run(packages[0], sys.executable, "-m", "venv", str(folder))
    _run(packages[0], str(folder / "bin" / "python"), *_PIP, *packages)
    return folder


def node_folder(folder: Path, variable: str, *packages: str) -> Path:
    """Return a folder whose ``node_modules`` holds packages of npm."""
    if given := os.environ.get(variable):
        return Path(given)
    _needs("node", "npm")
    folder.mkdir()
    (folder / "package.json").write_text('{"private": true}')
    _run(
        packages[0],
        "npm",
        "install",
        "--silent",
        "--no-audit",
        "--no-fund",
        "--prefix",
        str(folder),
        *packages,
    )
    return folder


def jars(folder: Path, variable: str) -> Path:
    """Return a folder with the jars that ``programs/pom.xml`` names."""
    if given := os.environ.get(variable):
        return Path(given)
    _needs("java", "mvn")
    folder.mkdir()
    pom = shutil.copy(_PROGRAMS / "pom.xml", folder)  # Maven writes beside it
    copy = ("dependency:copy-dependencies", f"-DoutputDirectory={folder / 'jars'}")
    _run("the HAPI client", "mvn", "--quiet", "--batch-mode", "--file", str(pom), *copy)
    return folder / "jars"


def _needs(*programs: str) -> None:
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not on this machine")


def _run(what: str, *command: str) -> None:
    try:
        ended = subprocess.run(command, capture_output=True, text=True, timeout=_LONGEST_S, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip(f"{what} could not be installed in {_LONGEST_S} seconds")
    if ended.returncode:
        said = (ended.stderr.strip() or ended.stdout.strip() or "nothing").splitlines()[-1]
        pytest.skip(f"{what} cannot be installed here: {said}")
