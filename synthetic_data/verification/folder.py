"""Open a generated folder: what its manifest says, read without any code of the generator."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

FORMAT = "fhir-integration-lab/hospital"
VERSION = 1
MANIFEST = "manifest.json"
ANSWERS = "answers"


class FolderError(ValueError):
    """A folder that cannot be verified at all: one sentence with what was expected, seen, and what to do."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What was asked of the generator; `start` and `now` carry their time zone."""

    seed: int
    patients: int
    start: datetime
    now: datetime


@dataclass(frozen=True, slots=True)
class DataFile:
    """One NDJSON file as announced: `blocks` are the bytes of each block in the file, in order."""

    name: str
    type: str
    lines: int
    bytes: int
    sha256: str
    content_sha256: str
    blocks: tuple[int, ...]

    @property
    def compressed(self) -> bool:
        """Tell whether each block is a zstd frame."""
        return self.name.endswith(".zst")


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder and its manifest; `answers`: SHA-256 of the answer key, `volumes`: the announced counts."""

    path: Path
    plan: Plan
    volumes: dict[str, int]
    files: tuple[DataFile, ...]
    answers: dict[str, str]

    @property
    def lines(self) -> int:
        """Give the number of resources announced."""
        return sum(file.lines for file in self.files)


def open_folder(path: Path) -> Folder:
    """Read the manifest of a folder; FolderError when there is none or when it is not a hospital of ours."""
    manifest = path / MANIFEST
    if not path.is_dir():
        raise FolderError(f"expected a generated hospital, found no folder at {path}: check the path")
    if not manifest.is_file():
        raise FolderError(
            f"expected {MANIFEST} in {path}, found none: the generation was not finished, run it to its end"
        )
    try:
        found = orjson.loads(manifest.read_bytes())
    except orjson.JSONDecodeError as error:
        raise FolderError(
            f"expected JSON in {manifest}, found something else ({error}): generate the hospital again"
        ) from None
    seen = (found.get("format"), found.get("version")) if isinstance(found, dict) else (None, None)
    if seen != (FORMAT, VERSION):
        raise FolderError(
            f"expected {FORMAT!r} version {VERSION} in {manifest}, found {seen[0]!r} version {seen[1]!r}: "
            "point to a folder made by this laboratory"
        )
    try:
        return _folder(path, found)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise FolderError(
            f"expected a complete manifest in {manifest}, found one that cannot be read "
            f"({type(error).__name__}: {error}): generate the hospital again"
        ) from None


def _folder(path: Path, found: dict[str, Any]) -> Folder:
    plan = found["plan"]
    start, now = datetime.fromisoformat(plan["start"]), datetime.fromisoformat(plan["now"])
    if start.utcoffset() is None or now.utcoffset() is None:
        raise ValueError("the plan has no time zone")
    return Folder(
        path=path,
        plan=Plan(int(plan["seed"]), int(plan["patients"]), start, now),
        volumes={str(name): int(count) for name, count in found["volumes"].items()},
        files=tuple(_file(one) for one in found["files"]),
        answers={str(name): str(digest) for name, digest in found.get("answers", {}).items()},
    )


def _file(entry: dict[str, Any]) -> DataFile:
    name = str(entry["name"])
    if "/" in name or "\\" in name or not name.endswith((".ndjson", ".ndjson.zst")):
        raise ValueError(f"{name!r} is not the name of an NDJSON file")
    return DataFile(
        name=name,
        type=str(entry["type"]),
        lines=int(entry["lines"]),
        bytes=int(entry["bytes"]),
        sha256=str(entry["sha256"]),
        content_sha256=str(entry["content_sha256"]),
        blocks=tuple(int(size) for size in entry["blocks"]),
    )
