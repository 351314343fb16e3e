"""The folder of one process that exports: it keeps it locked, so that others see whether it lives.

The system lets go of the lock when the process ends, however it ends; a number of a process would be given
again. Several processes of one machine share the folder of all of them.
Spec: https://man7.org/linux/man-pages/man2/flock.2.html
"""

import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_TRIES = 100


@dataclass(frozen=True)
class Home:
    """``lock`` is the open folder."""

    path: Path
    lock: int


def home(root: Path) -> Home:
    """Make a folder for this process and lock it.

    Raises:
        OSError: it cannot be made.
    """
    for _ in range(_TRIES):
        path = root / f"{os.getpid()}-{secrets.token_hex(8)}"
        with suppress(FileNotFoundError, FileExistsError):  # another process has just removed it, or the root
            path.mkdir(parents=True)
            lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(lock, fcntl.LOCK_EX)
            if path.exists():
                return Home(path, lock)
            os.close(lock)
    raise OSError(f"No folder for exports could be made in {root}: other processes keep removing it.")


def leave(own: Home) -> None:
    """Remove the folder of this process, and the root when it was the last one."""
    shutil.rmtree(own.path, ignore_errors=True)
    os.close(own.lock)
    with suppress(OSError):
        own.path.parent.rmdir()


def homes(root: Path | None) -> Iterator[Path]:
    """Yield the folders of the processes that live; those of the dead are removed."""
    if root is None:
        return
    try:
        paths = sorted(root.iterdir())
    except FileNotFoundError:
        return
    yield from (path for path in paths if _lives(path))


def _lives(path: Path) -> bool:
    """Tell whether the process of a folder holds its lock; remove what nobody holds, locked meanwhile."""
    try:
        lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    except (FileNotFoundError, NotADirectoryError):
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        shutil.rmtree(path, ignore_errors=True)
        return False
    finally:
        os.close(lock)
