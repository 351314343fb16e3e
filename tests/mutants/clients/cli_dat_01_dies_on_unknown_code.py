"""A marital status that the program does not know ends it."""

import sys
from collections.abc import Iterable
from pathlib import Path

EXAMPLE = next(
    folder / "examples" / "tableau_urgences"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "tableau_urgences").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from tableau_urgences.__main__ import Program, main  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.poller import Poller  # noqa: E402 - found on the path set above

KILLED_BY = "CLI-DAT-01"
FLAW = "a new code crashes the client"


class Closed(Poller):
    """Believes that its list of codes is complete."""

    async def see_again(self, type_: str, ids: Iterable[str]) -> None:
        """Look every marital status up in the list."""
        await super().see_again(type_, ids)
        for person in self.board.held["Patient"].values():
            for coding in person.get("maritalStatus", {}).get("coding", []):
                _STATUSES[coding["code"]]


_STATUSES = {code: code for code in ("A", "C", "D", "I", "L", "M", "P", "S", "T", "U", "W", "UNK")}


class Flawed(Program):
    """The program with that part."""

    poller = Closed


if __name__ == "__main__":
    main(Flawed)
