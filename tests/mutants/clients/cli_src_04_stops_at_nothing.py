"""A page without rows is taken for the last one."""

import sys
from pathlib import Path

EXAMPLE = next(
    folder / "examples" / "tableau_urgences"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "tableau_urgences").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from tableau_urgences.__main__ import Program, main  # noqa: E402 - found on the path set above
from tableau_urgences.fhir import items  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.client import HospitalClient  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.transport import Answer  # noqa: E402 - found on the path set above

KILLED_BY = "CLI-SRC-04"
FLAW = "the next link of an empty page is not followed"


class StopsAtNothing(HospitalClient):
    """Counts rows instead of looking for a link."""

    def next_url(self, answer: Answer) -> str | None:
        """Return the next link of a page that holds something."""
        return super().next_url(answer) if items(answer.content, "entry") else None


class Flawed(Program):
    """The program with that part."""

    client = StopsAtNothing


if __name__ == "__main__":
    main(Flawed)
