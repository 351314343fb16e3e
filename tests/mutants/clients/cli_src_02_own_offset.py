"""Searches carry a paging parameter that the hospital never gave."""

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

KILLED_BY = "CLI-SRC-02"
FLAW = "the client adds its own _offset to searches"


class OwnOffset(Poller):
    """Believes that it knows how the hospital numbers its pages."""

    async def encounter_query(self) -> dict[str, str]:
        """Return the search with an offset of its own."""
        return {**await super().encounter_query(), "_offset": "0"}


class Flawed(Program):
    """The program with that part."""

    poller = OwnOffset


if __name__ == "__main__":
    main(Flawed)
