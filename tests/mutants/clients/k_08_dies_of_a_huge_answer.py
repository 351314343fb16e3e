"""An answer of 48 MB ends the program."""

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
from tableau_urgences.hospital import transport  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.transport import Transport  # noqa: E402 - found on the path set above

KILLED_BY = "K-08"
FLAW = "the size of an answer is not bounded, and memory is"


class Swallowing(Transport):
    """Reads an answer whole, however long; a process of 20 MB would be killed then."""

    def content(self, status: int, body: bytes) -> JSON:
        """Read the body in a small memory."""
        if len(body) > 20_000_000:
            raise MemoryError
        return super().content(status, body)


transport.MAX_BODY = 1_000_000_000


class Flawed(Program):
    """The program with that part."""

    transport = Swallowing


if __name__ == "__main__":
    main(Flawed)
