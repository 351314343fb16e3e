"""What the board starts from again: how far changes are known, and ids, no datum of a patient."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tableau_urgences.fhir import JSON, instant, strings, text


@dataclass(frozen=True)
class Checkpoint:
    """``encounters`` are on the board; ``deleted`` are the places that the hospital has no more."""

    watermark: datetime | None = None
    encounters: Sequence[str] = ()
    deleted: Sequence[str] = ()


def read(path: Path) -> Checkpoint:
    """Return the checkpoint of a file, an empty one if there is none that can be read."""
    try:
        saved: JSON = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return Checkpoint()
    return Checkpoint(
        instant(text(saved, "watermark")), strings(saved, "encounters"), strings(saved, "deleted")
    )


def write(path: Path, known: Checkpoint) -> None:
    """Replace the file at once: a reader finds the one checkpoint or the other, whole."""
    watermark = known.watermark.isoformat() if known.watermark else ""
    state = {"watermark": watermark, "encounters": list(known.encounters), "deleted": list(known.deleted)}
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(state))
    fresh.chmod(0o600)
    fresh.replace(path)
