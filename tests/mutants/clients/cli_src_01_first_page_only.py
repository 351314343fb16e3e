"""Only the first page of a search is read."""

import sys
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

KILLED_BY = "CLI-SRC-01"
FLAW = "next links are ignored"


class FirstPageOnly(HospitalClient):
    """Takes every page for the last one."""

    def next_url(self, answer: Answer) -> str | None:
        """Return no next link."""
        del answer
        return None


class Flawed(Program):
    """The program with that part."""

    client = FirstPageOnly


if __name__ == "__main__":
    main(Flawed)
