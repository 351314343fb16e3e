"""Verify a generated folder: read every byte once, in three stages, then let every check judge.

Patients come first and encounters second, because what follows is compared with them.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from synthetic_data.verification import journeys, people
from synthetic_data.verification.checking import (
    MOST_EXAMPLES,
    Check,
    Gathered,
    Reading,
    Readings,
    all_checks,
)
from synthetic_data.verification.crew import Crew, crew
from synthetic_data.verification.folder import ANSWERS, Folder, open_folder
from synthetic_data.verification.frames import offsets
from synthetic_data.verification.hospital import Hospital
from synthetic_data.verification.index import EMPTY, Index, build
from synthetic_data.verification.report import FAILED, NOT_APPLICABLE, OK, Conclusion, VerificationReport
from synthetic_data.verification.work import (
    ENCOUNTERS,
    PATIENTS,
    READING,
    UNPACKING,
    BlockTask,
    digest_of,
    read,
)

Progress = Callable[[int, int], None]
"""Called with the blocks read and the blocks in all."""


def verify(
    folder: Path, *, workers: int = 1, validator: str | None = None, progress: Progress | None = None
) -> VerificationReport:
    """Verify the hospital of a folder with every check.

    `validator`: `module:function`, given a resource (dict) gives what is wrong with it, one item for each
    problem; without one, structure is not checked. FolderError when the folder is no finished hospital.
    """
    started = time.perf_counter()
    opened = open_folder(folder)
    survey = _Survey(opened, progress or (lambda _done, _all: None))
    with tempfile.TemporaryDirectory(prefix="verification-") as tables:
        with crew(workers, opened, Path(tables), validator) as workers_:
            survey.read(workers_, Path(tables))
        read_in = time.perf_counter() - started
        hospital = Hospital(opened, survey.patients, survey.encounters, validator)
        conclusions = tuple(survey.conclude(check, hospital) for check in all_checks())
    total = time.perf_counter() - started
    return VerificationReport(
        folder=str(folder),
        patients=opened.plan.patients,
        seed=opened.plan.seed,
        resources=sum(block.lines for block in survey.readings),
        content_bytes=sum(block.size for block in survey.readings),
        workers=workers,
        validator=validator,
        seconds={
            "total": round(total, 3),
            "read by the workers": round(read_in, 3),
            "judged": round(total - read_in, 3),
            "processor, frames to bytes": round(survey.seconds.get(UNPACKING, 0.0), 3),
            "processor, bytes to columns": round(survey.seconds.get(READING, 0.0), 3),
        },
        conclusions=conclusions,
    )


class _Survey:
    """What is known of the folder so far."""

    def __init__(self, folder: Folder, progress: Progress) -> None:
        """Begin with nothing."""
        self.folder, self.progress = folder, progress
        self.patients: Index = EMPTY
        self.encounters: Index = EMPTY
        self.readings: list[Reading] = []
        self.digests: dict[str, str] = {}
        self.gathered: dict[str, list[Gathered]] = {}
        self.seconds: dict[str, float] = {}

    def read(self, workers: Crew, tables: Path) -> None:
        """Read every file: patients and small ones, encounters, then the rest."""
        self.patients = self._stage(workers, 0)
        self.patients.save(tables, PATIENTS)
        self.encounters = self._stage(workers, 1)
        self.encounters.save(tables, ENCOUNTERS)
        self._stage(workers, 2)
        names = [file.name for file in self.folder.files] + [
            f"{ANSWERS}/{name}" for name in self.folder.answers
        ]
        digests = workers.each(digest_of, [self.folder.path / name for name in names])
        self.digests = dict(zip(names, digests, strict=True))

    def conclude(self, check: Check, hospital: Hospital) -> Conclusion:
        """Let one check judge what was gathered for it."""
        gathered = self.gathered.get(check.name, [])
        judgement = check.judge(hospital, gathered, Readings(self.readings, self.digests))
        outcome = FAILED if judgement.defects else OK if judgement.applicable else NOT_APPLICABLE
        return Conclusion(
            check=check.name,
            about=check.about,
            outcome=outcome,
            defects=sum(defect.count for defect in judgement.defects),
            examples=tuple(replace(one, check=check.name) for one in judgement.defects[:MOST_EXAMPLES]),
            numbers=judgement.numbers,
            notes=judgement.notes,
            seconds=round(self.seconds.get(check.name, 0.0), 3),
        )

    def _stage(self, workers: Crew, stage: int) -> Index:
        """Read the blocks of a stage and give the table made of their rows."""
        rows = []
        whole = sum(len(file.blocks) for file in self.folder.files)
        for result in workers.each(read, list(self._tasks(stage))):
            self.readings.append(result.reading)
            rows += result.notes.rows
            for name, parts in result.notes.gathered.items():
                self.gathered.setdefault(name, []).extend(parts)
            for name, spent in result.notes.seconds.items():
                self.seconds[name] = self.seconds.get(name, 0.0) + spent
            self.progress(len(self.readings), whole)
        return build(rows)

    def _tasks(self, stage: int) -> Iterator[BlockTask]:
        for file in self.folder.files:
            if _stage_of(file.type) == stage and (self.folder.path / file.name).is_file():
                for number, place in enumerate(offsets(file)):
                    yield BlockTask(file, number, place, stage)


def _stage_of(type_: str) -> int:
    return {people.TYPE: 0, journeys.TYPE: 1}.get(type_, 2)
