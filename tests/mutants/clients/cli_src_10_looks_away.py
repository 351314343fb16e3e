"""What the self link says is not looked at."""

import sys
from collections.abc import Mapping
from pathlib import Path

EXAMPLE = next(
    folder / "examples" / "tableau_urgences"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "tableau_urgences").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from tableau_urgences.__main__ import Program, main  # noqa: E402 - found on the path set above
from tableau_urgences.fhir import JSON  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.client import HospitalClient  # noqa: E402 - found on the path set above

KILLED_BY = "CLI-SRC-10"
FLAW = "the self link is not compared with the request"


class LooksAway(HospitalClient):
    """Trusts that every filter was used."""

    def _notice_ignored(self, type_: str, parameters: Mapping[str, str], bundle: JSON) -> None:
        """Notice nothing."""


class Flawed(Program):
    """The program with that part."""

    client = LooksAway


if __name__ == "__main__":
    main(Flawed)
