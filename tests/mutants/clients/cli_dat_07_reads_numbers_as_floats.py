"""Numbers are read as floating-point numbers: 1.010 becomes 1.01."""

import json
import sys
from pathlib import Path

EXAMPLE = next(
    folder / "examples" / "tableau_urgences"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "tableau_urgences").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from tableau_urgences.__main__ import Program, main  # noqa: E402 - found on the path set above
from tableau_urgences.fhir import JSON  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.transport import Transport  # noqa: E402 - found on the path set above

KILLED_BY = "CLI-DAT-07"
FLAW = "decimals lose their precision"


class Floating(Transport):
    """Uses the parser as it comes."""

    def content(self, status: int, body: bytes) -> JSON:
        """Parse the body with the numbers of the machine."""
        exact = super().content(status, body)
        return json.loads(body) if exact else exact


class Flawed(Program):
    """The program with that part."""

    transport = Floating


if __name__ == "__main__":
    main(Flawed)
