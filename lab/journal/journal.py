"""Write and read the journal: one JSON line per exchange, flushed at once, so that a crash loses nothing."""

import threading
from collections.abc import Iterator
from glob import escape
from pathlib import Path
from typing import Any

import orjson

from lab.model.exchange import Decision, Exchange


class Journal:
    """An append-only file of exchanges, numbered ``PREFIX-000001`` in the order they were recorded."""

    def __init__(self, path: Path, prefix: str) -> None:
        """Open ``path`` for appending; its folder is made when missing."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._prefix = prefix
        self._count = path.read_bytes().count(b"\n") if path.exists() else 0
        self._file = path.open("ab", buffering=0)
        self._lock = threading.Lock()

    def record(self, **parts: Any) -> Exchange:
        """Append an exchange made of these parts and return it with its number."""
        with self._lock:
            self._count += 1
            exchange = Exchange(id=f"{self._prefix}-{self._count:06d}", **parts)
            self._file.write(orjson.dumps(exchange, option=orjson.OPT_APPEND_NEWLINE))
        return exchange

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def of_worker(path: Path, number: int) -> Path:
    """Return the file of one of several worker processes that write one journal; the first has the path.

    Each has its own, so that a line cut by a crash is the last one of a file.
    """
    return path if number == 1 else path.with_name(f"{path.stem}.worker-{number}{path.suffix}")


def read_journal(path: Path) -> Iterator[Exchange]:
    """Read the exchanges of a journal, of several workers by time; a last line cut by a crash is left out.

    Raises:
        FileNotFoundError: there is no such journal, which is not the same as an empty one.
    """
    others = sorted(path.parent.glob(f"{escape(path.stem)}.worker-*{escape(path.suffix)}"))
    if not others:
        return _read(path)
    return iter(sorted((one for part in (path, *others) for one in _read(part)), key=lambda one: one.t))


def _read(path: Path) -> Iterator[Exchange]:
    with path.open("rb") as lines:
        for line in lines:
            if line.endswith(b"\n"):
                yield _exchange(orjson.loads(line))


class Tail:
    """Reads a journal that is being written: each time only what is new and whole."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0

    def more(self) -> list[Exchange]:
        """Return the exchanges recorded since the last time."""
        if not self._path.exists():
            return []
        with self._path.open("rb") as lines:
            lines.seek(self._offset)
            found = [line for line in lines if line.endswith(b"\n")]
        self._offset += sum(map(len, found))
        return [_exchange(orjson.loads(line)) for line in found]


def _exchange(data: dict[str, Any]) -> Exchange:
    for name in ("request_headers", "response_headers"):
        data[name] = tuple((key, value) for key, value in data[name])
    if data["decision"]:
        data["decision"] = Decision(**data["decision"])
    return Exchange(**data)
