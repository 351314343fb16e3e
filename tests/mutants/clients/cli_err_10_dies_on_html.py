"""A page of HTML in place of FHIR ends the program."""

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

KILLED_BY = "CLI-ERR-10"
FLAW = "the error page of a proxy crashes the client"


class Trusting(Transport):
    """Takes every body for JSON."""

    def content(self, status: int, body: bytes) -> JSON:
        """Parse the body without a net."""
        return json.loads(body) if body else super().content(status, body)


class Flawed(Program):
    """The program with that part."""

    transport = Trusting


if __name__ == "__main__":
    main(Flawed)
