"""What the hospital labels restricted is passed on to partners like anything else."""

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

KILLED_BY = "CLI-DAT-05"
FLAW = "resources labelled R are forwarded"


class Unlabelled(Board):
    """Keeps records without their labels."""

    def put(self, resource: JSON) -> None:
        """Keep a record without its security labels."""
        meta = {name: value for name, value in resource.get("meta", {}).items() if name != "security"}
        super().put({**resource, "meta": meta})


class Flawed(Program):
    """The program with that part."""

    board_kind = Unlabelled


if __name__ == "__main__":
    main(Flawed)
