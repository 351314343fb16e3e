"""How a plan is played, which is the laboratory's choice and not the profile's."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Playing:
    """By how many generators, with which engine (``lab.load.engine.NAMES``).

    With ``write_to`` the plan is written to that folder, for somebody else to play, and not played.
    """

    workers: int = 1
    engine: str = "lean"
    write_to: Path | None = None
