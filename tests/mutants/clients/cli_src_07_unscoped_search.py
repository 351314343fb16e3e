"""All the emergency encounters there ever were are asked for at each poll."""

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

KILLED_BY = "CLI-SRC-07"
FLAW = "the search of encounters has no bound in time"


class Unscoped(Poller):
    """Forgets the watermark."""

    async def encounter_query(self) -> dict[str, str]:
        """Return the search without its bound."""
        query = await super().encounter_query()
        del query["_lastUpdated"]
        return query


class Flawed(Program):
    """The program with that part."""

    poller = Unscoped


if __name__ == "__main__":
    main(Flawed)
