"""Why a run ended before its end, on file beside its results, so that it is judged the same offline."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import orjson

from lab.load.error import LoadError

_FILE = "ending.json"

Cause = Literal["aborted", "worker"]


@dataclass(frozen=True)
class Ending:
    """``aborted``: ``threshold`` could not be met any more. ``worker``: a generator died, by that signal."""

    cause: Cause
    at: float
    threshold: str = ""
    worker: int = 0
    signal: int = 0


def keep(ending: Ending, folder: Path) -> None:
    """Write why a run ended."""
    (folder / _FILE).write_bytes(orjson.dumps(ending))


def forget(folder: Path) -> None:
    """Remove what a run before this one left in the folder."""
    (folder / _FILE).unlink(missing_ok=True)


def ending_of(folder: Path) -> Ending | None:
    """Return why the run of a folder ended early, None when nothing was noted.

    Raises:
        LoadError: what was noted cannot be read.
    """
    path = folder / _FILE
    if not path.exists():
        return None
    try:
        return Ending(**orjson.loads(path.read_bytes()))
    except (orjson.JSONDecodeError, TypeError):
        message = f"{path} does not say why the run ended: restore it, or play the load again."
        raise LoadError(message) from None
