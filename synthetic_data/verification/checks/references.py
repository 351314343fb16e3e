"""Every id is unique in its type, and every reference leads to a resource of a permitted type."""

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from synthetic_data.verification.blocks import Block
from synthetic_data.verification.checking import Check, Defect, Gathered, Judgement, Readings, together, total
from synthetic_data.verification.frames import FrameError, offsets, read_block
from synthetic_data.verification.hospital import Hospital
from synthetic_data.verification.keys import Ints, Keys, read_key, spell
from synthetic_data.verification.layout import parse
from synthetic_data.verification.runs import first_missing, outside, runs_of, union

NAME = "references"
_ACTORS = frozenset(
    {"Practitioner", "PractitionerRole", "Organization", "Patient", "RelatedPerson", "Device"}
)
# Types that an element of this name may lead to, in whatever resource; others are not restricted here.
_PERMITTED = {
    "author": _ACTORS,
    "encounter": frozenset({"Encounter"}),
    "managingOrganization": frozenset({"Organization"}),
    "organization": frozenset({"Organization"}),
    "patient": frozenset({"Patient"}),
    "performer": _ACTORS | {"CareTeam", "HealthcareService"},
    "practitioner": frozenset({"Practitioner"}),
    "recorder": _ACTORS,
    "requester": _ACTORS,
    "result": frozenset({"Observation"}),
    "serviceProvider": frozenset({"Organization"}),
    "specimen": frozenset({"Specimen"}),
    "subject": frozenset({"Patient", "Group", "Location", "Device"}),
}
_DANGLING = "reference to an absent"
Runs = dict[bytes, Ints]


def _gather(block: Block, _hospital: Hospital) -> Mapping[str, Any]:
    defects: list[Defect] = []
    ids: Runs = {}
    for space, numbers in block.keys("id").by_space():
        ids[space], repeated = runs_of(numbers)
        if len(repeated):
            first = spell(space, int(repeated[0]))
            defects.append(
                Defect(NAME, block.file, "repeated id", "each id once", first, first, len(repeated))
            )
    targets: Runs = {}
    count = 0
    for path, keys in block.references():
        count += len(keys)
        defects += _permitted(block, path, keys)
        for space, numbers in keys.by_space():
            targets[space] = (
                union([targets[space], runs_of(numbers)[0]])[0] if space in targets else runs_of(numbers)[0]
            )
    return {"ids": ids, "targets": targets, "references": count, "defects": defects}


def _permitted(block: Block, path: str, keys: Keys) -> list[Defect]:
    permitted = _PERMITTED.get(path.rpartition(".")[2])
    defects = []
    for space, numbers in keys.by_space():
        type_ = space.partition(b"/")[0].decode()
        seen = spell(space, int(numbers[0]))
        if b"/" not in space or not type_.isalpha():
            defects.append(Defect(NAME, block.file, f"form of {path}", "Type/id", seen, seen, len(numbers)))
        elif permitted and type_ not in permitted:
            expected = " or ".join(sorted(permitted))
            defects.append(Defect(NAME, block.file, f"type of {path}", expected, seen, seen, len(numbers)))
    return defects


def _judge(hospital: Hospital, gathered: Sequence[Gathered], _readings: Readings) -> Judgement:
    defects = list(together(gathered))
    known: Runs = {}
    for space in sorted({space for part in gathered for space in part.values["ids"]}):
        parts = [part for part in gathered if space in part.values["ids"]]
        known[space], shared = union([part.values["ids"][space] for part in parts])
        if len(shared):
            seen = spell(space, int(shared[0]))
            file = parts[-1].file
            defects.append(Defect(NAME, file, "id in two blocks", "each id once", seen, seen, len(shared)))
    for part in gathered:
        defects += _dangling(part, known)
    whole = together([Gathered("", 0, {"defects": defects})])
    numbers = {
        "ids": sum(int((runs[:, 1] - runs[:, 0] + 1).sum()) for runs in known.values()),
        "references": int(total(gathered, "references")),
    }
    return Judgement(tuple(_with_source(hospital, gathered, defect) for defect in whole), numbers)


def _dangling(part: Gathered, known: Runs) -> list[Defect]:
    """Give the references of a block that lead nowhere: a defect for each space, counting runs of targets."""
    defects = []
    for space, wanted in part.values["targets"].items():
        ids = known.get(space, np.empty((0, 2), np.int64))
        missing = outside(wanted, ids)
        if len(missing):
            target = spell(space, first_missing(missing[0], ids))
            what = f"{_DANGLING} {target.partition('/')[0]}"
            defects.append(
                Defect(NAME, part.file, what, "a resource of the folder", target, "", len(missing))
            )
    return defects


def _with_source(hospital: Hospital, gathered: Sequence[Gathered], defect: Defect) -> Defect:
    """Name the first resource that holds a reference that leads nowhere: its blocks are read again."""
    if not defect.what.startswith(_DANGLING):
        return defect
    file = next(file for file in hospital.folder.files if file.name == defect.file)
    places = list(offsets(file))
    space = read_key(defect.seen.encode())[0]
    for part in gathered:
        if part.file == defect.file and space in part.values["targets"]:
            with contextlib.suppress(FrameError):
                source = _first_with(read_block(hospital.folder.path, file, places[part.block]), defect.seen)
                if source:
                    return replace(defect, example_id=f"{file.type}/{source}")
    return defect


def _first_with(content: bytes, target: str) -> str:
    """Give the id of the first line that holds a text; empty when none does."""
    place = content.find(f'"{target}"'.encode())
    if place < 0:
        return ""
    line = content[content.rfind(b"\n", 0, place) + 1 : content.find(b"\n", place)]
    return str(parse(line).get("id", ""))


CHECK = Check(NAME, "unique ids, no reference that leads nowhere or to another type", _judge, _gather)
