"""Keeps what a generator was answered, to be judged after the run: each distinct body once, and how often.

A digest and, the first time, a write to the page cache are all that it costs while the run lasts; judging
then would take the processor from the application that is measured. Room is bounded by route, so that a rare
one is never crowded out: beyond it fewer and fewer new bodies are kept, by their digests and the seed.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import IO

import orjson

from lab.load.appending import append
from lab.load.verify import Answer

ROOM = 32 * 1024 * 1024
"""Bytes of each route of which every distinct body is kept."""

_STEPS = 8
"""The chance to be kept is halved each time this part of the room is used again."""
_OVERHEAD = 256
_BITS = 64
_REPLACED = b"***"


def spool_of(samples: Path) -> Path:
    """Return the spool that stands beside a file of samples."""
    return samples.with_suffix(".answers")


@dataclass
class _Route:
    known: dict[tuple[int, bytes], int] = field(default_factory=dict)
    used: int = 0


class Spool:
    """Appends bodies as they come, and once a second how often each came.

    ``secrets`` gives what is to be replaced in bodies before they are written.
    """

    def __init__(self, file: IO[bytes], seed: int, *, room: int = ROOM) -> None:
        """Write to a binary file open for writing; ``room`` is in bytes, for each route."""
        self.secrets: Callable[[], Iterable[bytes]] = tuple
        self._file = file
        self._room = room
        self._mask = random.Random(f"spool:{seed}").getrandbits(_BITS)  # noqa: S311 - a sample, no secret
        self._routes: dict[str, _Route] = {}
        self._kept: Counter[int] = Counter()
        self._left: Counter[str] = Counter()
        self._numbers = 0

    def take(self, route: str, request: str, answer: Answer) -> None:
        """Count an answer and keep its body, if it is whole, new and there is room.

        Raises:
            LoadError: the disk is full.
        """
        if answer.failure or not answer.body:
            return
        known = self._routes.get(route)
        if known is None:
            known = self._routes[route] = _Route()
        digest = sha256(answer.body).digest()
        number = known.known.get((answer.status, digest))
        if number is None:
            if not self._has_room(known, digest):
                self._left[route] += 1
                return
            number = known.known[answer.status, digest] = self._keep(route, request, answer, digest)
            known.used += len(answer.body) + _OVERHEAD
        self._kept[number] += 1

    def flush(self) -> None:
        """Append how often what was answered since the last flush came.

        Raises:
            LoadError: the disk is full.
        """
        kept, self._kept = self._kept, Counter()
        left, self._left = self._left, Counter()
        self._line({"kind": "counts", "kept": kept, "left": left}, now=True)

    def _has_room(self, route: _Route, digest: bytes) -> bool:
        over = route.used - self._room
        if over < 0:
            return True
        halvings = 1 + over * _STEPS // self._room
        chosen = int.from_bytes(digest[: _BITS // 8]) ^ self._mask
        return halvings < _BITS and chosen >> (_BITS - halvings) == 0

    def _keep(self, route: str, request: str, answer: Answer, digest: bytes) -> int:
        number = self._numbers
        self._numbers += 1
        body = answer.body
        for secret in self.secrets():  # an application may repeat what it was shown
            body = body.replace(secret, _REPLACED)
        head = {
            "kind": "body",
            "number": number,
            "route": route,
            "request": request,
            "status": answer.status,
            "digest": digest.hex(),
            "length": len(body),
        }
        self._line(head)
        append(self._file, body + b"\n", now=False)
        return number

    def _line(self, content: dict[str, object], *, now: bool = False) -> None:
        option = orjson.OPT_NON_STR_KEYS | orjson.OPT_APPEND_NEWLINE
        append(self._file, orjson.dumps(content, option=option), now=now)
