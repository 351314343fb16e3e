"""The calibration target of a run: started beside it, asked by each generator at a fixed low rate."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from lab.load.error import LoadError

CALIBRATION = "calibration"
"""The route of what is asked of our own echo: measured as any other, and never part of the load."""

RATE = 20.0
"""Requests a second of each generator."""

_STOP_S = 5.0


@contextmanager
def calibration_target() -> Iterator[str]:
    """Give the URL of an echo of our own, in a process of its own.

    Raises:
        LoadError: it did not start.
    """
    child = subprocess.Popen(
        [sys.executable, "-P", "-m", "lab.load.echo"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        port = child.stdout.readline().strip() if child.stdout else b""
        if not port.isdigit():
            message = "The calibration target did not start: is this machine out of processes or memory?"
            raise LoadError(message)
        yield f"http://127.0.0.1:{int(port)}/"
    finally:
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()
        try:
            child.wait(timeout=_STOP_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
