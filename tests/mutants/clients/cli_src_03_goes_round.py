"""Page links are followed without looking where they lead."""

import sys
from itertools import count
from pathlib import Path

EXAMPLE = next(
    folder / "examples" / "tableau_urgences"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "tableau_urgences").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from tableau_urgences.__main__ import Program, main  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.client import HospitalClient  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.transport import Answer  # noqa: E402 - found on the path set above

KILLED_BY = "CLI-SRC-03"
FLAW = "a next link that leads back to its own page is followed for ever"


class GoesRound(HospitalClient):
    """Takes each link for a new one: the fragment makes it different, and is never sent."""

    turns = count()

    def next_url(self, answer: Answer) -> str | None:
        """Return the next link as one never seen before."""
        url = super().next_url(answer)
        return None if url is None else f"{url}#{next(self.turns)}"


class Flawed(Program):
    """The program with that part."""

    client = GoesRound


if __name__ == "__main__":
    main(Flawed)
