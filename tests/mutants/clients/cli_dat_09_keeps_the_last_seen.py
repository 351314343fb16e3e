"""The version that came last is kept, though it is an older one."""

import sys
from pathlib import Path

EXAMPLE = next(
    folder / "examples" / "tableau_urgences"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "tableau_urgences").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from tableau_urgences.__main__ import Program, main  # noqa: E402 - found on the path set above
from tableau_urgences.board import Board  # noqa: E402 - found on the path set above
from tableau_urgences.fhir import JSON  # noqa: E402 - found on the path set above

KILLED_BY = "CLI-DAT-09"
FLAW = "an older version replaces a newer one"


class LastSeen(Board):
    """Believes that what comes later is newer."""

    def put(self, resource: JSON) -> None:
        """Forget what is held before keeping a record."""
        self.held.get(resource.get("resourceType", ""), {}).pop(resource.get("id", ""), None)
        super().put(resource)


class Flawed(Program):
    """The program with that part."""

    board_kind = LastSeen


if __name__ == "__main__":
    main(Flawed)
