"""Make a store from NDJSON files: prepared by several processes, written by one, indexed at the end.

A file is built beside its place and moved there when it is complete, a database is filled in one transaction:
a load that ends early leaves nothing that looks like a store.
"""

import gc
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import zstandard

from lab.fhirserver.storage.address import Place, is_database
from lab.fhirserver.storage.catalogue import served_types
from lab.fhirserver.storage.connection import Connection, StoreError
from lab.fhirserver.storage.membership import KEEP
from lab.fhirserver.storage.numbering import numbered_patients, numbered_targets, numbered_tokens
from lab.fhirserver.storage.preparing import Chunk, Preparer, Setting
from lab.fhirserver.storage.schema import SLOTS, VALUE
from lab.fhirserver.storage.store import Store
from lab.fhirserver.storage.times import HOSPITAL_ZONE
from lab.fhirserver.storage.type_numbers import number
from lab.model.release import Release

_SAMPLES = 1000
"""Lines of each file from which a dictionary is learnt."""
_AHEAD = 2
_COLUMNS = ("k", "type", "id", "version", "updated", "method", "deleted", "body", "about", *SLOTS)


@dataclass(frozen=True)
class Piece:
    """Whole lines of one file that hold resources of one type: ``length`` bytes from ``offset``.

    ``compressed`` pieces are one zstd frame.
    """

    path: Path
    type: str
    offset: int
    length: int
    compressed: bool

    def lines(self) -> list[bytes]:
        """Return the lines.

        Raises:
            OSError: the file cannot be read.
            zstandard.ZstdError: the piece is no frame.
        """
        with self.path.open("rb") as file:
            file.seek(self.offset)
            content = file.read(self.length)
        if self.compressed:
            frame = zstandard.ZstdDecompressor().decompressobj()
            content = frame.decompress(content)
            if not frame.eof or frame.unused_data:
                message = f"{self.path.name} is not made of whole frames."
                raise zstandard.ZstdError(message)
        return content.splitlines()


def build(
    place: Place,
    pieces: Sequence[Piece],
    *,
    workers: int = 1,
    progress: Callable[[int], None] = lambda _: None,
    zone: tzinfo = HOSPITAL_ZONE,
    release: Release = "R4",
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> int:
    """Make a store of the resources of the pieces, all new and of one release; return how many.

    They are trusted, hence not validated. Every resource should come after those it refers to: the others are
    led to it one by one at the end. ``progress`` is told how many are written.

    Raises:
        ValueError: a line is no resource of its type, or is there twice.
        FileExistsError: there is a store at that path already.
        StoreError: the database holds resources already, or cannot be used.
    """
    unserved = {piece.type for piece in pieces} - set(served_types(release))
    if unserved:
        message = f"Expected types that this server has, got {', '.join(sorted(unserved))}."
        raise ValueError(message)
    into = _into_database if is_database(place) else _into_file
    with into(place) as draft:
        store = Store(draft, clock=clock, zone=zone, release=release)
        try:
            if store.rows("select 1 from resource limit 1"):
                message = f"{store.address.name} holds resources already: a bulk load fills an empty store."
                raise StoreError(message)
            return store.fill(lambda connection: _fill(store, connection, pieces, workers, progress))
        finally:
            store.close()


@contextmanager
def _into_database(place: Place) -> Iterator[Place]:
    """Fill the database itself: until the end of the transaction, nobody sees what is loaded."""
    yield place


@contextmanager
def _into_file(place: Place) -> Iterator[Place]:
    """Fill a file beside the path, and move it there at the end."""
    path = Path(place)
    if path.exists():
        message = f"{path.name} exists: a bulk load makes a new store."
        raise FileExistsError(message)
    draft = path.with_name(path.name + ".draft")
    _discard(draft)
    try:
        yield draft
        draft.replace(path)
    except BaseException:
        _discard(draft)
        raise


def _discard(draft: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        draft.with_name(draft.name + suffix).unlink(missing_ok=True)


@contextmanager
def _without_collection() -> Iterator[None]:
    """Leave garbage to reference counts: the collector would walk millions of rows that hold no cycle."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _fill(
    store: Store,
    connection: Connection,
    pieces: Sequence[Piece],
    workers: int,
    progress: Callable[[int], None],
) -> int:
    setting = Setting(store.parameters, store.context, {}, store.tick())
    with _without_collection():
        setting = setting._replace(dictionaries=_dictionaries(store, setting, pieces))
        writer = _Writer(connection, setting.updated)
        for chunk in _prepared(setting, [piece for piece in pieces if piece.length], workers):
            if chunk.ids:
                writer.write(chunk)
            progress(writer.count)
    return writer.count


def _dictionaries(store: Store, setting: Setting, pieces: Sequence[Piece]) -> dict[str, bytes]:
    """Learn how to pack each type from the first piece of each of its files."""
    samples: dict[str, list[bytes]] = {}
    for _, same_file in groupby(pieces, key=lambda piece: piece.path):
        piece = next(same_file)
        lines = piece.lines()
        taken = lines[:: max(1, len(lines) // _SAMPLES)]
        samples.setdefault(piece.type, []).extend(Preparer(setting).bodies(piece.type, taken))
    learnt = {type_: store.learn(type_, bodies) for type_, bodies in samples.items()}
    return {type_: content for type_, content in learnt.items() if content is not None}


class _Writer:
    """Numbers what chunks share and inserts their rows."""

    def __init__(self, connection: Connection, updated: int) -> None:
        self._connection = connection
        self._updated = updated
        self.count = 0

    def write(self, chunk: Chunk) -> None:
        """Insert the resources of a chunk."""
        connection, size, first = self._connection, len(chunk.ids), self.count + 1
        own = {id_: first + n for n, id_ in enumerate(chunk.ids)}
        inside = [own.get(name.id) if name.type == chunk.type else None for name in chunk.names]
        outside = [name for name, k in zip(chunk.names, inside, strict=True) if k is None]
        numbers = iter(numbered_targets(connection, outside))
        targets = [next(numbers) if k is None else k for k in inside]
        sets = [numbered_tokens(connection, tokens) for tokens in chunk.tokens]
        abouts = [numbered_patients(connection, {targets[n] for n in about}) for about in chunk.abouts]
        slots = [
            self._column(slot, column, targets, sets) for slot, column in zip(SLOTS, chunk.slots, strict=True)
        ]
        type_ = number(chunk.type)
        try:
            connection.append(
                "resource",
                _COLUMNS,
                (
                    (first + n, type_, id_, 1, self._updated, "POST", 0, body, about, *held)
                    for n, (id_, body, about, *held) in enumerate(
                        zip(chunk.ids, chunk.bodies, abouts, *slots, strict=True)
                    )
                ),
            )
        except connection.IntegrityError:
            message = f"A {chunk.type} of the files has an id that another one has too."
            raise ValueError(message) from None
        connection.append(
            "value",
            VALUE,
            (
                (first + place, param, n, extreme, None, *rest, targets[code])
                if leads
                else (first + place, param, n, extreme, code, *rest, None)
                for place, param, n, extreme, leads, code, *rest in chunk.values
            ),
        )
        connection.executemany(
            KEEP,
            [(pool, targets[name], low, high) for pool, name, low, high in chunk.members],
        )
        self.count += size

    @staticmethod
    def _column(slot: str, column: list[Any], targets: list[int], sets: list[int]) -> list[Any]:
        numbers = targets if slot.startswith("reference") else sets if slot[:4] in {"toke", "unit"} else None
        if numbers is None:
            return column
        return [None if place is None else numbers[place] for place in column]


_preparer: Preparer


def _start(setting: Setting) -> None:
    global _preparer  # noqa: PLW0603 - one for each process, which has no other place to keep it
    gc.disable()  # see `_without_collection`
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the writer, which then ends the others
    _preparer = Preparer(setting)


def _prepare(piece: Piece) -> Chunk:
    return _preparer.prepare(piece.type, piece.lines())


def _prepared(setting: Setting, pieces: Sequence[Piece], workers: int) -> Iterator[Chunk]:
    """Prepare pieces in processes, in order, few of them waiting."""
    if workers == 1:
        preparer = Preparer(setting)
        yield from (preparer.prepare(piece.type, piece.lines()) for piece in pieces)
        return
    pool = ProcessPoolExecutor(workers, get_context("spawn"), _start, (setting,))
    waiting: deque[Future[Chunk]] = deque()
    try:
        for piece in pieces:
            waiting.append(pool.submit(_prepare, piece))
            if len(waiting) >= _AHEAD * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
