"""One of our child processes: told things by its standard input, answering one line at a time."""

import os
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from lab.load.children import environment
from lab.load.error import LoadError

_STOP_S = 5.0
_CHUNK = 1 << 16


class Child:
    """A process and what it has printed so far; ``log`` is where its errors go."""

    def __init__(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self._process, self._log = process, log
        self._seen = b""

    def tell(self, line: bytes) -> None:
        """Write one line; a child that died is noticed by who reads."""
        if self._process.stdin is not None:
            with suppress(BrokenPipeError):
                self._process.stdin.write(line)
                self._process.stdin.flush()

    def line(self, patience_s: float) -> bytes:
        """Return the next line that it prints, without its end.

        Raises:
            LoadError: it ended, or said nothing for that long.
        """
        deadline = time.monotonic() + patience_s
        while b"\n" not in self._seen:
            self._seen += self._more(deadline, patience_s)
        line, _, self._seen = self._seen.partition(b"\n")
        return line

    def _more(self, deadline: float, patience_s: float) -> bytes:
        pipe = self._process.stdout
        if pipe is None:
            return b""
        ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            message = (
                f"The scalability generator said nothing for {patience_s:.0f} s: is this machine overloaded?"
            )
            raise LoadError(message)
        more = os.read(pipe.fileno(), _CHUNK)
        if not more:
            words = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            last = words[-1] if words else "its log is empty."
            code = self._process.wait()
            message = f"The scalability generator ended with exit code {code}: {last}"
            raise LoadError(message)
        return more


@contextmanager
def child(module: str, folder: Path, log: Path) -> Iterator[Child]:
    """Run one of our modules for the length of the block, with an environment and a session of its own."""
    with log.open("ab") as errors:
        process = _started(module, folder, errors)
    try:
        yield Child(process, log)
    finally:
        _stop(process)


def _started(module: str, folder: Path, errors: IO[bytes]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-P", "-m", module],
        cwd=folder,
        env=environment(os.environ, home=folder),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        start_new_session=True,  # an interruption of the terminal is for us to pass on
    )


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(timeout=_STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(BrokenPipeError):
                pipe.close()
