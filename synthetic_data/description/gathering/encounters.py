"""The encounters of a block as columns: whose, when, where, for what, and how they ended."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthetic_data.description.vocabulary import Worded, joined, worded
from synthetic_data.verification.blocks import Block
from synthetic_data.verification.folder import DataFile
from synthetic_data.verification.frames import slices
from synthetic_data.verification.instants import ABSENT, Texts
from synthetic_data.verification.keys import Flags, Ints
from synthetic_data.verification.paris import paris_offset
from synthetic_data.verification.shapes import Shapes

OTHER, STAY, CONSULTATION, EMERGENCY, MOVEMENT = range(5)
_CLASSES = {b"IMP": STAY, b"SS": STAY, b"AMB": CONSULTATION, b"EMER": EMERGENCY}
Small = NDArray[np.int8]
_TIMED = len("2023-06-15T10:00:00Z")


@dataclass(frozen=True, slots=True, eq=False)
class Encounters:
    """One row for each encounter; a movement is a part of a stay.

    `reference`, `patient`: `Encounter/...`, `Patient/...`, texts as bytes. `start`, `end`: seconds since 1970
    UTC, ABSENT when not said; `start_wall`, `end_wall`: the same on the clock of the place written;
    `misplaced`: how many of the two are written with another offset than that of Paris on that day.
    """

    reference: Texts
    patient: Texts
    kind: Small
    start: Ints
    start_wall: Ints
    end: Ints
    end_wall: Ints
    misplaced: Small
    reason: Worded
    unit: Worded
    outcome: Worded

    def __len__(self) -> int:
        """Give the number of encounters."""
        return len(self.kind)

    @property
    def ended(self) -> Flags:
        """Tell which are over."""
        return self.end != ABSENT

    def only(self, kind: int) -> "Encounters":
        """Give the encounters of one kind."""
        return self.at(np.flatnonzero(self.kind == kind))

    def at(self, rows: Ints) -> "Encounters":
        """Give some of the encounters."""
        chosen: dict[str, Any] = {name: getattr(self, name)[rows] for name in _COLUMNS}
        for name in _WORDED:
            whole: Worded = getattr(self, name)
            chosen[name] = Worded(whole.words, whole.rank[rows])
        return Encounters(**chosen)


_COLUMNS = ("reference", "patient", "kind", "start", "start_wall", "end", "end_wall", "misplaced")
_TEXTS = ("reference", "patient")
_WORDED = ("reason", "unit", "outcome")


def encounters_of(content: bytes, file: DataFile, shapes: Shapes) -> Encounters:
    """Read encounters."""
    return all_encounters([_read(Block(file.name, file.type, part, shapes)) for part in slices(content)])


def all_encounters(parts: list[Encounters]) -> Encounters:
    """Put the encounters of several blocks end to end."""
    whole: dict[str, Any] = {name: joined([getattr(one, name) for one in parts]) for name in _WORDED}
    for name in _COLUMNS:
        empty = np.empty(0, "S1" if name in _TEXTS else np.int64)
        whole[name] = np.concatenate([getattr(one, name) for one in parts] or [empty])
    return Encounters(**whole)


def _read(block: Block) -> Encounters:
    if block.broken:
        raise ValueError(next(iter(block.broken.values())))
    start, end = block.instants("period.start"), block.instants("period.end")
    code = block.text("class.code")
    kind = np.full(len(block), OTHER, np.int8)
    for text, number in _CLASSES.items():
        kind[code == text] = number
    kind[block.text("partOf.reference") != b""] = MOVEMENT
    misplaced = np.zeros(len(block), np.int8)
    for moment in (start, end):
        timed = moment.valid & (moment.known >= _TIMED)
        misplaced += timed & (moment.offset != paris_offset(np.where(timed, moment.seconds, 0)))
    reason, unit = block.text("reasonCode[0].coding[0].code"), block.text("serviceProvider.reference")
    outcome = _said(block, "hospitalization.dischargeDisposition")
    return Encounters(
        reference=np.char.add(b"Encounter/", block.text("id")),
        patient=block.text("subject.reference"),
        kind=kind,
        start=start.seconds,
        start_wall=start.wall,
        end=end.seconds,
        end_wall=end.wall,
        misplaced=misplaced,
        reason=worded(reason, _said(block, "reasonCode[0]")),
        unit=worded(unit, unit),
        outcome=worded(outcome, outcome),
    )


def _said(block: Block, concept: str) -> Texts:
    """Give the best words of a concept: its text, else those of its first coding, else its code."""
    said = block.text(f"{concept}.text")
    for path in ("coding[0].display", "coding[0].code"):
        other = block.text(f"{concept}.{path}")
        said = np.where(said == b"", other, said)
    return said
