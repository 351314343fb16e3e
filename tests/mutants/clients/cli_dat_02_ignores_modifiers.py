"""A modifier extension is passed over like any other extension."""

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

KILLED_BY = "CLI-DAT-02"
FLAW = "an unknown modifierExtension is ignored"


class Careless(Board):
    """Takes what it does not understand."""

    def put(self, resource: JSON) -> None:
        """Forget the modifiers, and keep the rest."""
        super().put({name: value for name, value in resource.items() if name != "modifierExtension"})


class Flawed(Program):
    """The program with that part."""

    board_kind = Careless


if __name__ == "__main__":
    main(Flawed)
