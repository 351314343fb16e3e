"""Pages of five thousand rows are asked for."""

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

KILLED_BY = "CLI-SRC-09"
FLAW = "searches ask for five thousand rows on one page"


class Greedy(Poller):
    """Wants everything on one page."""

    async def encounter_query(self) -> dict[str, str]:
        """Return the search with a page size beyond measure."""
        return {**await super().encounter_query(), "_count": "5000"}


class Flawed(Program):
    """The program with that part."""

    poller = Greedy


if __name__ == "__main__":
    main(Flawed)
