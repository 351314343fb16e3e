"""Changes are counted by the clock of this machine."""

import sys
from datetime import UTC, datetime
from pathlib import Path

EXAMPLE = next(
    folder / "examples" / "tableau_urgences"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "tableau_urgences").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from tableau_urgences.__main__ import Program, main  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.poller import Poller  # noqa: E402 - found on the path set above

KILLED_BY = "CLI-SYN-01"
FLAW = "the watermark is the local time of the poll"


class OwnClock(Poller):
    """Looks at its own watch."""

    async def changed_encounters(self) -> None:
        """Take the changes, and the time at which they were asked for."""
        asked = datetime.now(UTC)
        await super().changed_encounters()
        self.watermark = asked


class Flawed(Program):
    """The program with that part."""

    poller = OwnClock


if __name__ == "__main__":
    main(Flawed)
