"""A place that was deleted is read again at every poll."""

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

KILLED_BY = "CLI-ERR-06"
FLAW = "a 410 is treated like a passing fault"


class Hopeful(Poller):
    """Waits for the deleted to come back."""

    async def poll(self) -> None:
        """Read the places at each poll, whatever the hospital said of them."""
        await super().poll()
        self._deleted.clear()
        await self._attempt("Location", self.places)


class Flawed(Program):
    """The program with that part."""

    poller = Hopeful


if __name__ == "__main__":
    main(Flawed)
