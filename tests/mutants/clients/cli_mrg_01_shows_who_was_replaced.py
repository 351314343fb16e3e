"""The page shows the identity of the record that a stay names, replaced or not."""

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
from tableau_urgences.fhir import JSON, patient_of  # noqa: E402 - found on the path set above

KILLED_BY = "CLI-MRG-01"
FLAW = "Patient.link is not read"


class OfTheStay(Board):
    """Believes that a record counts for ever."""

    def person(self, encounter: JSON) -> JSON:
        """Return the record that the stay names."""
        return self.held["Patient"].get(patient_of(encounter), {})


class Flawed(Program):
    """The program with that part."""

    board_kind = OfTheStay


if __name__ == "__main__":
    main(Flawed)
