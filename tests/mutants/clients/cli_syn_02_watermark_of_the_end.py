"""The end of a search is taken for the time up to which changes are known."""

import sys
from pathlib import Path

EXAMPLE = next(
    folder / "examples" / "tableau_urgences"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "tableau_urgences").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from tableau_urgences.__main__ import Program, main  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.poller import OVERLAP, Poller  # noqa: E402 - found on the path set above

KILLED_BY = "CLI-SYN-02"
FLAW = "the watermark is the time at which the last page came"


class AtTheEnd(Poller):
    """Looks at the clock once everything is there."""

    async def changed_encounters(self) -> None:
        """Take the changes, then the time, without an overlap."""
        await super().changed_encounters()
        self.watermark = self.client.transport.now() + OVERLAP


class Flawed(Program):
    """The program with that part."""

    poller = AtTheEnd


if __name__ == "__main__":
    main(Flawed)
