"""Five resources that belong together: patient, stay, result, imaging study, treatment or report."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import orjson

from synthetic_data.description.lines import Resource, matching
from synthetic_data.description.portraits.trajectories import Trajectory
from synthetic_data.description.source import Source, damaged
from synthetic_data.verification.folder import DataFile
from synthetic_data.verification.frames import FrameError, offsets, read_block

_REPORTS = ("MedicationRequest", "MedicationAdministration", "DiagnosticReport")


@dataclass(frozen=True, slots=True)
class Sample:
    """One line of a file, as it stands there."""

    name: str
    file: str
    line: str


def samples_of(source: Source, trajectories: Sequence[Trajectory]) -> tuple[Sample, ...]:
    """Choose the resources around the first course drawn; without one, the first of each file."""
    course = trajectories[0] if trajectories else None
    patient = course.patient if course else ""
    result = max(course.points, key=lambda point: point.value).observation if course else ""
    stay = course.spans[0].reference.partition("/")[2] if course and course.spans else ""
    chosen = [
        ("patient", _named(source, source.of("Patient"), patient.partition("/")[2])),
        ("stay", _named(source, source.of("Encounter", ""), stay)),
        ("result", _result(source, course, result)),
    ]
    study = _about(source, source.of("ImagingStudy"), patient) or _first(source, source.of("ImagingStudy"))
    chosen.append(("study", study))
    chosen.append(("report", _report(source, patient, study)))
    return tuple(Sample(name, *found) for name, found in chosen if found)


Found = tuple[str, str] | None
"""The name of the file and the line."""


def _named(source: Source, files: Sequence[DataFile], id_: str) -> Found:
    """Find a resource by its id; the first one of the files when it is not there."""
    if id_:
        for file in files:
            for line, resource in matching(source.path, file, id_):
                if resource.get("id") == id_:
                    return file.name, _text(line)
    return _first(source, files)


def _result(source: Source, course: Trajectory | None, id_: str) -> Found:
    if course is None:
        return _first(source, source.of("Observation", "laboratory"))
    lines = matching(source.path, course.file, id_, course.place)
    return next(((course.file.name, _text(line)) for line, one in lines if one.get("id") == id_), None)


def _about(source: Source, files: Sequence[DataFile], reference: str) -> Found:
    """Find the first resource that holds a reference."""
    found = _holding(source, files, reference) if reference else iter(())
    return next(((file.name, _text(line)) for file, line, _ in found), None)


def _report(source: Source, patient: str, study: Found) -> Found:
    """Find a treatment of the patient, else the report of the study, else any report."""
    for type_ in _REPORTS[:-1]:
        if found := _about(source, source.of(type_), patient):
            return found
    reports = source.of("DiagnosticReport", "imaging") or source.of("DiagnosticReport")
    wanted = f"ImagingStudy/{orjson.loads(study[1]).get('id')}" if study else ""
    return _about(source, reports, wanted) or _first(source, reports)


def _holding(
    source: Source, files: Sequence[DataFile], text: str
) -> Iterator[tuple[DataFile, bytes, Resource]]:
    for file in files:
        yield from ((file, line, resource) for line, resource in matching(source.path, file, text))


def _first(source: Source, files: Sequence[DataFile]) -> Found:
    for file in files:
        for place in list(offsets(file))[:1]:
            try:
                return file.name, _text(read_block(source.path, file, place).partition(b"\n")[0])
            except FrameError as error:
                raise damaged(source.path, file.name, str(error), str(error)) from None
    return None


def _text(line: bytes) -> str:
    return line.decode(errors="replace")
