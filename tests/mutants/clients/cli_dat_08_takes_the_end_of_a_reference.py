"""Whatever stands at the end of a reference is taken for an id."""

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

KILLED_BY = "CLI-DAT-08"
FLAW = "every reference is read as a relative one"


class Splitting(Poller):
    """Knows one form of reference."""

    async def poll(self) -> None:
        """Ask for whatever follows the last slash of a reference to a person."""
        await super().poll()
        people = [
            participant.get("individual", {})
            for encounter in self.board.held["Encounter"].values()
            for participant in encounter.get("participant", [])
        ]
        ids = {who["reference"].rsplit("/", 1)[-1] for who in people if "reference" in who}
        await self.see_again("Practitioner", ids)


class Flawed(Program):
    """The program with that part."""

    poller = Splitting


if __name__ == "__main__":
    main(Flawed)
