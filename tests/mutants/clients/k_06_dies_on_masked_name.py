"""A patient without a family name ends the program."""

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

KILLED_BY = "K-06"
FLAW = "a masked name crashes the client"


class Trusting(Poller):
    """Takes it for granted that everybody has a name."""

    async def see_again(self, type_: str, ids: Iterable[str]) -> None:
        """Sort the patients by name once they are there."""
        await super().see_again(type_, ids)
        if type_ == "Patient":
            sorted(self.board.held[type_].values(), key=lambda patient: patient["name"][0]["family"])


class Flawed(Program):
    """The program with that part."""

    poller = Trusting


if __name__ == "__main__":
    main(Flawed)
