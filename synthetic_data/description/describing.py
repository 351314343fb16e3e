"""Describe a folder: read the types that count, in workers, then draw each portrait from what they gave."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from synthetic_data.description.gathering.encounters import (
    CONSULTATION,
    EMERGENCY,
    STAY,
    Encounters,
    all_encounters,
)
from synthetic_data.description.gathering.laboratory import merged
from synthetic_data.description.gathering.people import all_people
from synthetic_data.description.gathering.reading import Task, look
from synthetic_data.description.portrait import Portrait
from synthetic_data.description.portraits.activity import occupancy_of, poles_of
from synthetic_data.description.portraits.ages import pyramid_of
from synthetic_data.description.portraits.cohorts import cohorts_of
from synthetic_data.description.portraits.identity import identity_of
from synthetic_data.description.portraits.laboratory import laboratory_portrait
from synthetic_data.description.portraits.nights import length_of_stay
from synthetic_data.description.portraits.reasons import reasons_of
from synthetic_data.description.portraits.rhythms import rhythms_of
from synthetic_data.description.portraits.samples import samples_of
from synthetic_data.description.portraits.sources import sources
from synthetic_data.description.portraits.trajectories import Placed, trajectories_of
from synthetic_data.description.source import Source, damaged, open_source
from synthetic_data.description.structure import structure_of
from synthetic_data.processes import each
from synthetic_data.verification.frames import offsets

Progress = Callable[[int, int], None]
"""Called with the blocks read and the blocks in all."""
_AHEAD = 4  # parts given to each worker before what they gave is taken
# The families of observations that are no laboratory results are not read.
_READ = (("Patient", None), ("Encounter", None), ("ImagingStudy", None), ("Observation", "laboratory"))


def describe_folder(folder: Path, *, workers: int = 1, progress: Progress | None = None) -> Portrait:
    """Describe the hospital of a folder; FolderError when it is unfinished, foreign or damaged."""
    source = open_source(folder)
    structure = structure_of(source)
    cohorts = cohorts_of(source)
    found = _gather(source, workers, progress or (lambda _done, _all: None))
    encounters = all_encounters(found.pop("Encounter"))
    people = all_people(found["Patient"])
    tests = merged([part for part, _ in found["Observation"]])
    blocks: list[Placed] = [(part.holders, task.file, task.place) for part, task in found["Observation"]]
    studies: Counter[str] = sum(found["ImagingStudy"], Counter())
    laboratory = laboratory_portrait(tests)
    counted = (
        studies | _encounter_counts(encounters) | {"patients": len(people), "analyses": laboratory.total}
    )
    try:
        trajectories = trajectories_of(source, encounters, blocks)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise damaged(folder, "Observation", str(error), str(error)) from None
    return Portrait(
        identity=identity_of(source, counted),
        pyramid=pyramid_of(people, (source.now - timedelta(seconds=1)).date()),
        rhythms=rhythms_of(encounters, source.start, source.now),
        length_of_stay=length_of_stay(encounters.only(STAY)),
        reasons=reasons_of(encounters),
        laboratory=laboratory,
        trajectories=trajectories,
        poles=poles_of(encounters, structure),
        occupancy=occupancy_of(encounters, structure.beds, source.start, source.now),
        cohorts=cohorts,
        samples=samples_of(source, trajectories),
        sources=sources(),
    )


def _gather(source: Source, workers: int, progress: Progress) -> dict[str, list[Any]]:
    """Read the blocks; results of laboratory files keep the task that found them."""
    tasks = [
        Task(source.path, file, place)
        for type_, family in _READ
        for file in source.of(type_, family)
        for place in offsets(file)
    ]
    found: dict[str, list[Any]] = {type_: [] for type_, _ in _READ}
    progress(0, len(tasks))
    for done, one in enumerate(each(look, tasks, workers, _AHEAD), start=1):
        if one.trouble:
            raise damaged(source.path, one.task.file.name, one.trouble, one.trouble)
        type_ = one.task.file.type
        found[type_].append((one.part, one.task) if type_ == "Observation" else one.part)
        progress(done, len(tasks))
    return found


def _encounter_counts(encounters: Encounters) -> Counter[str]:
    kinds = (("sejours", STAY), ("consultations", CONSULTATION), ("urgences", EMERGENCY))
    return Counter({name: int((encounters.kind == kind).sum()) for name, kind in kinds})
