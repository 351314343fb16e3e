"""The truth of the audit: an append-only file of AuditEvents for each process, written before answers go.

A write is one call on a file opened for appending, whole or undone. It survives the death of the process; the
operating system decides when it reaches the disk.

Spec: https://man7.org/linux/man-pages/man2/open.2.html (O_APPEND)
"""

import logging
import os
import secrets
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

PATTERN = "audit-*.ndjson"
ROOM = 1_048_576
"""Bytes that must be free on the disk before a request is served: its event must find its place."""
_LOG = logging.getLogger(__name__)


class TrailError(RuntimeError):
    """An event could not be written: what it is about must not be served."""


class Trail:
    """The file of this process, ``audit-<pid>.ndjson`` in the folder of the trail."""

    def __init__(self, folder: Path, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Open the file for appending; a line that a crash had cut is ended.

        Raises:
            OSError: the folder or the file cannot be written.
        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = folder / f"audit-{os.getpid()}.ndjson"
        self.now = clock
        self._file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        self._lock = threading.Lock()
        self._prefix, self._count = secrets.token_hex(8), 0
        self._sound = True
        size = os.fstat(self._file).st_size
        if size and os.pread(self._file, 1, size - 1) != b"\n":
            os.write(self._file, b"\n")

    def new_id(self) -> str:
        """Return an id that no other event of any trail has."""
        with self._lock:
            self._count += 1
            return f"{self._prefix}-{self._count}"

    @property
    def ready(self) -> bool:
        """Tell whether the event of one more request would find its place."""
        if not self._sound:
            return False
        disk = os.fstatvfs(self._file)
        return disk.f_bavail * disk.f_frsize >= ROOM

    def write(self, events: Sequence[bytes]) -> None:
        """Append events, each one line of JSON: all or none.

        After a failure ``ready`` is false until a write succeeds again.

        Raises:
            TrailError: they could not be written.
        """
        lines = b"\n".join([*events, b""])
        with self._lock:
            try:
                self._append(lines)
            except OSError as error:
                self._sound = False
                _LOG.critical("The audit trail cannot be written (%s): nothing is served.", error)
                raise TrailError(str(error)) from None
            self._sound = True

    def _append(self, lines: bytes) -> None:
        written = os.write(self._file, lines)
        if written != len(lines):
            os.ftruncate(self._file, os.fstat(self._file).st_size - written)
            message = f"{written} of {len(lines)} bytes written"
            raise OSError(message)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)
