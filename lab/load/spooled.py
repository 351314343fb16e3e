"""Reads what a generator was answered: each distinct body and how often it came, as far as it is whole."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson


@dataclass(frozen=True)
class Body:
    """One distinct answer: what asked for it first, and where its bytes are."""

    file: Path
    number: int
    route: str
    request: str
    status: int
    digest: str
    length: int
    at: int

    @property
    def id(self) -> str:
        """Return what it shares with the same body, said with the same status, under other routes."""
        return f"{self.status}-{self.digest}"

    def read(self) -> bytes:
        """Return its bytes."""
        with self.file.open("rb") as file:
            file.seek(self.at)
            return file.read(self.length)


@dataclass(frozen=True)
class Counts:
    """How often bodies came, by number, and how many answers were not kept, by route."""

    kept: Counter[int]
    left: Counter[str]


def read_spool(path: Path) -> Iterator[tuple[Body, bytes] | Counts]:
    """Yield bodies and counts in the order in which they were written; nothing when there is no file."""
    if not path.exists():
        return
    with path.open("rb") as file:
        while (line := file.readline()).endswith(b"\n"):
            head = orjson.loads(line)
            if head.pop("kind") == "counts":
                yield Counts(Counter({int(k): n for k, n in head["kept"].items()}), Counter(head["left"]))
                continue
            body = Body(file=path, at=file.tell(), **head)
            content = file.read(body.length + 1)
            if len(content) <= body.length:
                return
            yield body, content[:-1]
