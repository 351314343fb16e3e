"""Which hospital this is: plan, versions, files, and the published volumes counted again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from synthetic_data.description.source import Source
from synthetic_data.folder.manifest import FileEntry

PUBLISHED = ("sejours", "consultations", "irm", "scanner", "tep", "analyses")
COUNTED = ("patients", *PUBLISHED, "urgences")


@dataclass(frozen=True, slots=True)
class Volume:
    """A count that the manifest announces, None when it says nothing, and the same one of the resources."""

    name: str
    announced: int | None
    counted: int
    published: bool

    @property
    def met(self) -> bool:
        """Tell whether both are equal."""
        return self.announced == self.counted


@dataclass(frozen=True, slots=True)
class Identity:
    """`recent`: share of the patients brought to the emergency department in the last 24 hours on purpose."""

    folder: str
    seed: int
    patients: int
    scale: float
    recent: float
    start: datetime
    now: datetime
    versions: tuple[tuple[str, str], ...]
    files: tuple[FileEntry, ...]
    volumes: tuple[Volume, ...]

    @property
    def resources(self) -> int:
        """Give the number of resources announced."""
        return sum(file.lines for file in self.files)

    @property
    def bytes(self) -> int:
        """Give the size of the files."""
        return sum(file.bytes for file in self.files)


def identity_of(source: Source, counted: Mapping[str, int]) -> Identity:
    """Make the identity; `counted`: volumes counted from the resources, by the names of the manifest."""
    plan = source.manifest.plan
    return Identity(
        folder=source.path.absolute().name,
        seed=plan["seed"],
        patients=plan["patients"],
        scale=plan["scale"],
        recent=plan.get("recent", 0.0),
        start=source.start,
        now=source.now,
        versions=tuple((str(name), str(version)) for name, version in source.manifest.versions.items()),
        files=source.manifest.files,
        volumes=tuple(
            Volume(name, source.manifest.volumes.get(name), counted.get(name, 0), name in PUBLISHED)
            for name in COUNTED
        ),
    )
