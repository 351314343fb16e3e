"""The status of an encounter is the one that it had when it was first seen."""

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

KILLED_BY = "CLI-DAT-06"
FLAW = "entered-in-error is not taken over"


class Faithful(Board):
    """Never changes its mind."""

    def put(self, resource: JSON) -> None:
        """Keep a record, but take no withdrawal over."""
        known = self.held.get(resource.get("resourceType", ""), {}).get(resource.get("id", ""))
        withdrawn = resource.get("status") == "entered-in-error"
        super().put({**resource, "status": known["status"]} if known and withdrawn else resource)


class Flawed(Program):
    """The program with that part."""

    board_kind = Faithful


if __name__ == "__main__":
    main(Flawed)
