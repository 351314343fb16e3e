"""``lab doctor``: say what this machine has and what is missing."""

import importlib.util
import os
import shutil
import socket
import sys

import typer

from lab.cli.console import out
from lab.cli.exit_codes import LABORATORY

_SPACE_MB = 500


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor)


def doctor() -> None:
    """Check this machine; exit 3 when something that a certification needs is missing."""
    needed = {
        f"Python {sys.version_info.major}.{sys.version_info.minor} (3.11 or later)": sys.version_info
        >= (3, 11),
        "Python is not optimised (-O removes checks)": not sys.flags.optimize,
        "loopback 127.0.0.1": _binds("127.0.0.1"),
        "Locust": importlib.util.find_spec("locust") is not None,
        f"{_SPACE_MB} MB free in this folder": shutil.disk_usage(".").free > _SPACE_MB * 1_000_000,
        "this folder can be written to": os.access(".", os.W_OK),
    }
    optional = {
        "second loopback address 127.0.0.2 (network probes; some systems need it configured)": _binds(
            "127.0.0.2"
        ),
        "container engine (docker)": shutil.which("docker") is not None,
        "Chromium (to look at reports in tests)": shutil.which("chromium") is not None,
    }
    for name, there in needed.items():
        out.print(f"{'✔' if there else '✗'} {name}")
    for name, there in optional.items():
        out.print(f"{'✔' if there else '–'} {name} [dim](optional)[/]")
    raise typer.Exit(0 if all(needed.values()) else LABORATORY)


def _binds(address: str) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((address, 0))
        except OSError:
            return False
    return True
