"""What a worker does: read one block of a file and take from it what its type calls for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthetic_data.description.gathering.encounters import encounters_of
from synthetic_data.description.gathering.laboratory import laboratory_of
from synthetic_data.description.gathering.people import people_of
from synthetic_data.description.gathering.studies import studies_of
from synthetic_data.verification.folder import DataFile
from synthetic_data.verification.frames import FrameError, read_block
from synthetic_data.verification.shapes import Shapes

GATHERERS: Mapping[str, Callable[[bytes, DataFile, Shapes], Any]] = {
    "Patient": people_of,
    "Encounter": encounters_of,
    "Observation": laboratory_of,
    "ImagingStudy": studies_of,
}


@dataclass(frozen=True, slots=True)
class Task:
    """One block of a file: its first byte and its size there."""

    folder: Path
    file: DataFile
    place: tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What a block gave; `trouble` says why when it could not be read."""

    task: Task
    part: Any = None
    trouble: str = ""


_shapes: dict[str, Shapes] = {}  # what this process knows of the lines of each file


def look(task: Task) -> Found:
    """Read one block."""
    shapes = _shapes.get(task.file.name)
    if shapes is None or shapes.full:
        shapes = _shapes[task.file.name] = Shapes()
    try:
        content = read_block(task.folder, task.file, task.place)
        return Found(task, GATHERERS[task.file.type](content, task.file, shapes))
    except FrameError as error:
        return Found(task, trouble=str(error))
    # Resources of another make: whatever is not where it should be.
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        return Found(task, trouble=f"{type(error).__name__}: {error}")
