"""A scope is registered for a type that the application never asks for."""

import sys
from pathlib import Path

EXAMPLE = next(
    folder / "examples" / "tableau_urgences"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "tableau_urgences").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from tableau_urgences.__main__ import Program, main  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.poller import Poller  # noqa: E402 - found on the path set above

KILLED_BY = "L3-22"
FLAW = "the emergency sites are never read, though Location is in the scopes"


class Incurious(Poller):
    """Does without the names of the sites."""

    async def places(self) -> None:
        """Read nothing."""


class Flawed(Program):
    """The program with that part."""

    poller = Incurious


if __name__ == "__main__":
    main(Flawed)
