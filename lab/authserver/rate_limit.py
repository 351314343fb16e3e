"""How many requests a caller may send: a rate with a burst, counted together by every worker process.

The generic cell rate algorithm: one number for each caller, the instant at which its allowance is whole
again. The numbers stand in one small mapped file, under a lock of a few microseconds.
Spec: https://www.itu.int/rec/T-REC-I.371 (GCRA), RFC 6585 section 4 (429)
"""

import fcntl
import hashlib
import mmap
import os
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_SLOTS = 1 << 16
_CELL = struct.Struct("d")
_SECRET = 16
_ROUNDING_S = 1e-9


@dataclass(frozen=True)
class Rate:
    """``per_second`` requests in the long run, ``burst`` at once."""

    per_second: float
    burst: int

    def __post_init__(self) -> None:
        """Refuse a rate that lets nothing through.

        Raises:
            ValueError: a figure is not above zero.
        """
        if not self.per_second > 0 or self.burst < 1:
            raise ValueError(f"A rate needs per_second above 0 and burst of 1 or more, not {self}.")


class RateLimits:
    """The allowance of every caller. Callers that share a slot (1 in 65,536) share an allowance."""

    def __init__(self, path: Path | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        """Open the file that workers share, or make it; without one the allowances are of this process.

        Raises:
            OSError: the file cannot be used.
        """
        self._clock = clock
        self._lock = threading.Lock()
        size = _SECRET + _SLOTS * _CELL.size
        self._file = -1
        if path is None:
            self._map = mmap.mmap(-1, size)
            self._map[:_SECRET] = os.urandom(_SECRET)
        else:
            self._file = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
            if os.fstat(self._file).st_size != size:  # the first worker makes it, before there are others
                os.ftruncate(self._file, size)
                os.pwrite(self._file, os.urandom(_SECRET), 0)
            self._map = mmap.mmap(self._file, size)
        # Slots are drawn under a secret: nobody can choose an address that shares the slot of another.
        self._secret = bytes(self._map[:_SECRET])

    def wait(self, caller: str, rate: Rate) -> float:
        """Take one request out of the caller's allowance; return 0, or the seconds until there is one."""
        return self._wait(caller, rate, take=True)

    def spent(self, caller: str, rate: Rate) -> float:
        """Return the seconds until there is an allowance again, 0 while there is one; nothing is taken."""
        return self._wait(caller, rate, take=False)

    def _wait(self, caller: str, rate: Rate, *, take: bool) -> float:
        digest = hashlib.blake2b(caller.encode(), digest_size=4, key=self._secret).digest()
        at = _SECRET + int.from_bytes(digest) % _SLOTS * _CELL.size
        interval = 1 / rate.per_second
        with self._lock:
            if self._file >= 0:
                fcntl.lockf(self._file, fcntl.LOCK_EX, _CELL.size, at)
            try:
                now = self._clock()
                (whole,) = _CELL.unpack_from(self._map, at)
                # The clock starts again with the machine: what no sound count can hold is an older file's.
                ahead = whole - now if now < whole <= now + (rate.burst + 1) * interval else 0.0
                early = ahead - (rate.burst - 1) * interval
                if early > _ROUNDING_S:
                    return early
                if take:
                    _CELL.pack_into(self._map, at, now + ahead + interval)
                return 0.0
            finally:
                if self._file >= 0:
                    fcntl.lockf(self._file, fcntl.LOCK_UN, _CELL.size, at)

    def close(self) -> None:
        """Close the file."""
        self._map.close()
        if self._file >= 0:
            os.close(self._file)
