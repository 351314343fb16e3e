"""The process that keeps the index up to date beside the gateway, so that no request waits for it.

It reads where trail and store are on standard input and ends when that is closed, even by the death of who
started it. What is left then is brought in at the next start.
"""

import logging
import os
import select
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import orjson

from lab.audit.index import Index

_PAUSE_S = 0.25
_STOP_S = 5
_NICENESS = 10
_LOG = logging.getLogger(__name__)


@contextmanager
def indexing(folder: Path, store: Path) -> Iterator[None]:
    """Keep the index of a trail up to date for the length of the block."""
    process = subprocess.Popen([sys.executable, "-m", "lab.audit.indexer"], stdin=subprocess.PIPE)
    assert process.stdin is not None  # noqa: S101 - opened as a pipe just above
    try:
        process.stdin.write(orjson.dumps({"folder": str(folder), "store": str(store)}) + b"\n")
        process.stdin.flush()
        yield
    finally:
        with suppress(BrokenPipeError):
            process.stdin.close()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def main() -> None:
    """Bring in what comes, until standard input is closed."""
    with suppress(OSError):
        os.nice(_NICENESS)
    plan = orjson.loads(sys.stdin.buffer.readline())
    folder = Path(plan["folder"])
    index = Index(Path(plan["store"]))
    more = True
    while not _closed(0 if more else _PAUSE_S):
        try:
            more = index.catch_up(folder) > 0
        except (sqlite3.Error, OSError):
            _LOG.exception("The audit index is late; the trail is whole.")
            more = False
    index.close()


def _closed(wait_s: float) -> bool:
    """Wait, and tell whether standard input was closed meanwhile: nothing is ever written to it."""
    return bool(select.select([sys.stdin], [], [], wait_s)[0])


if __name__ == "__main__":
    main()
