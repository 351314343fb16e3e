"""Things happen in order: encounters in the life of the patient and in the year, acts in their encounter."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from synthetic_data.verification.blocks import Block
from synthetic_data.verification.checking import Check, Defect, found, judged_by_defects
from synthetic_data.verification.hospital import Hospital
from synthetic_data.verification.instants import ABSENT, DAY
from synthetic_data.verification.keys import Ints
from synthetic_data.verification.paris import paris_offset
from synthetic_data.verification.people import NEVER

NAME = "time"
# When an act takes place, which must be during its encounter.
_ACTS = {
    "ImagingStudy": ("started",),
    "Observation": ("effectiveDateTime", "effectivePeriod.start", "effectivePeriod.end"),
    "Procedure": ("performedDateTime", "performedPeriod.start", "performedPeriod.end"),
}
_SEEN = {"Encounter": ("period.start", "period.end")} | _ACTS


def _gather(block: Block, hospital: Hospital) -> Mapping[str, Any]:
    defects = [*_zones(block)]
    if block.type == "Encounter":
        defects += _encounters(block, hospital)
    for path in _ACTS.get(block.type, ()):
        defects += _act(block, hospital, path)
    defects += _issued(block)
    return {"defects": defects, "checked resources": len(block)}


def _encounters(block: Block, hospital: Hospital) -> Iterator[Defect]:
    start, end = block.instants("period.start"), block.instants("period.end")
    patients = hospital.patients_of(block)
    born = hospital.patients.at("born_first", patients, ABSENT)
    death = hospital.patients.at("death", patients, NEVER)
    planned = np.isin(block.text("status"), (b"planned", b"cancelled", b"entered-in-error"))
    text = block.text("period.start")
    yield from found(NAME, block, ~start.valid, "start of the encounter", "a start", text)
    early = start.valid & (start.seconds < hospital.start)
    yield from found(
        NAME, block, early, "encounter before the year", hospital.folder.plan.start.isoformat(), text
    )
    last = np.where(end.valid, end.seconds, start.seconds)
    late = start.valid & ~planned & (last > hospital.now)
    yield from found(
        NAME, block, late, "encounter after the present", hospital.folder.plan.now.isoformat(), text
    )
    unborn = start.valid & (born != ABSENT) & (start.wall // DAY < born)
    yield from found(NAME, block, unborn, "encounter before the birth", "not before the birth date", text)
    dead = start.valid & (last > death)
    yield from found(NAME, block, dead, "encounter after the death", "not after the death", text)


def _act(block: Block, hospital: Hospital, path: str) -> Iterator[Defect]:
    """Compare with the encounter; one in progress lasts until the present."""
    moment = block.instants(path)
    encounters = hospital.encounters_of(block)
    start = hospital.encounters.at("start", encounters, ABSENT)
    end = np.minimum(hospital.encounters.at("end", encounters, NEVER), hospital.now)
    inside = moment.valid & (encounters >= 0)
    text = block.text(path)
    early = inside & (start != ABSENT) & (moment.seconds < start)
    yield from found(NAME, block, early, f"{path} before the encounter", "within the encounter", text)
    yield from found(
        NAME,
        block,
        inside & (moment.seconds > end),
        f"{path} after the encounter",
        "within the encounter",
        text,
    )


def _issued(block: Block) -> Iterator[Defect]:
    """A result is issued once its sample was taken."""
    issued, effective = block.instants("issued"), block.instants("effectiveDateTime")
    wrong = issued.valid & effective.valid & (issued.seconds < effective.seconds)
    yield from found(
        NAME, block, wrong, "issued before effective", "issued at effective or later", block.text("issued")
    )


def _zones(block: Block) -> Iterator[Defect]:
    """Compare the offsets written with those of Paris, on both sides of the clock changes."""
    for path in _SEEN.get(block.type, ()):
        moment = block.instants(path)
        timed = moment.valid & (moment.known >= len("2023-06-15T10:00:00Z"))
        expected: Ints = paris_offset(np.where(timed, moment.seconds, 0))
        wrong = timed & (moment.offset != expected)
        yield from found(
            NAME, block, wrong, f"offset of {path}", "the offset of Paris on that day", block.text(path)
        )


CHECK = Check(
    NAME,
    "encounters within the life and the year, acts within their encounter, results after their sample",
    judged_by_defects,
    _gather,
    frozenset({"Encounter", "Observation", "DiagnosticReport", "ImagingStudy", "Procedure"}),
)
