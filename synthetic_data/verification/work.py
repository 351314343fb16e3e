"""What a worker does: read one block, give what the checks and the tables need of it.

The state of a worker is what it keeps from block to block: the hospital as known at this stage, and the
shapes of the file being read.
"""

import gc
import hashlib
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path

from synthetic_data.verification import journeys, people
from synthetic_data.verification.blocks import Block
from synthetic_data.verification.checking import Gathered, Reading, all_checks
from synthetic_data.verification.folder import DataFile, Folder
from synthetic_data.verification.frames import FrameError, file_digest, read_block, slices
from synthetic_data.verification.hospital import Hospital
from synthetic_data.verification.index import EMPTY, Columns, load
from synthetic_data.verification.keys import Keys
from synthetic_data.verification.shapes import Shapes

PATIENTS, ENCOUNTERS = "patients", "encounters"
UNPACKING, READING = "unpacking", "reading"  # what is no check: frames to bytes, bytes to columns


@dataclass(frozen=True, slots=True)
class BlockTask:
    """One block of a file: its number, its first byte and its size in the file; `stage` as in `verify`."""

    file: DataFile
    number: int
    place: tuple[int, int]
    stage: int


@dataclass(slots=True, eq=False)
class Notes:
    """What was found in a block, part after part.

    `gathered`: by check; `rows`: parts of the patient or encounter table; `seconds` of processor by check.
    """

    lines: int = 0
    gathered: dict[str, list[Gathered]] = field(default_factory=dict)
    rows: list[tuple[Keys, Columns]] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def spent(self, name: str, since: float) -> None:
        """Count the processor time since an instant."""
        self.seconds[name] = self.seconds.get(name, 0.0) + time.process_time() - since


@dataclass(frozen=True, slots=True, eq=False)
class BlockResult:
    """One block: what was read, and what was found in it."""

    reading: Reading
    notes: Notes


@dataclass(slots=True)
class _Worker:
    """The state of this process."""

    folder: Folder
    tables: Path
    validator: str | None
    stage: int = -1
    hospital: Hospital | None = None
    file: str = ""
    shapes: Shapes | None = None


_worker: _Worker | None = None


def set_up(folder: Folder, tables: Path, validator: str | None, *, alone: bool = True) -> None:
    """Prepare this process; `alone`: a child process, which leaves Ctrl-C to its parent."""
    global _worker  # noqa: PLW0603 - one worker is one process
    _worker = _Worker(folder, tables, validator)
    if alone:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def digest_of(path: Path) -> str:
    """Give the SHA-256 of a file; empty when it is not there."""
    return file_digest(path) if path.is_file() else ""


def read(task: BlockTask) -> BlockResult:
    """Read one block and let every check look at it."""
    collecting = gc.isenabled()
    gc.disable()  # a block makes many objects and no cycle: looking for some took a third of the time
    try:
        return _read(task)
    finally:
        if collecting:
            gc.enable()


def _read(task: BlockTask) -> BlockResult:
    worker = _ready(task)
    notes = Notes()
    started = time.process_time()
    try:
        content = read_block(worker.folder.path, task.file, task.place)
    except FrameError as error:
        return BlockResult(Reading(task.file.name, task.number, 0, 0, b"", str(error)), notes)
    digest = hashlib.sha256(content).digest()
    notes.spent(UNPACKING, started)
    trouble = "" if content.endswith(b"\n") else "a last line that does not end"
    for part in slices(content):
        _look(worker, task, part, notes)
    return BlockResult(
        Reading(task.file.name, task.number, notes.lines, len(content), digest, trouble), notes
    )


def _ready(task: BlockTask) -> _Worker:
    """Bring the state up to the stage and the file of the task."""
    worker = _worker
    if worker is None:
        raise RuntimeError("expected a worker that was set up, got a bare process")
    if worker.stage != task.stage:
        worker.stage = task.stage
        patients, encounters = load(worker.tables, PATIENTS), load(worker.tables, ENCOUNTERS)
        worker.hospital = Hospital(worker.folder, patients, encounters, worker.validator)
    if worker.shapes is None or worker.file != task.file.name or worker.shapes.full:
        worker.shapes, worker.file = Shapes(), task.file.name
    return worker


def _look(worker: _Worker, task: BlockTask, part: bytes, notes: Notes) -> None:
    """Note what one part of a block gives."""
    started = time.process_time()
    hospital = worker.hospital or Hospital(worker.folder, EMPTY, EMPTY)
    block = Block(task.file.name, task.file.type, part, worker.shapes or Shapes())
    notes.lines += len(block)
    if block.type == people.TYPE:
        notes.rows.append(people.patient_rows(block))
    elif block.type == journeys.TYPE:
        notes.rows.append(journeys.encounter_rows(block, hospital.patients))
    notes.spent(READING, started)
    for check in all_checks():
        if check.gather and check.looks_at(block.type):
            started = time.process_time()
            values = check.gather(block, hospital)
            if values is not None:
                notes.gathered.setdefault(check.name, []).append(Gathered(block.file, task.number, values))
            notes.spent(check.name, started)
