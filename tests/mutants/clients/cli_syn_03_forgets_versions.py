"""What was read before is read again whole."""

import sys
from pathlib import Path

EXAMPLE = next(
    folder / "examples" / "tableau_urgences"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "tableau_urgences").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from tableau_urgences.__main__ import Program, main  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.client import HospitalClient  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.transport import Answer  # noqa: E402 - found on the path set above

KILLED_BY = "CLI-SYN-03"
FLAW = "repeated reads carry no If-None-Match"


class Forgetful(HospitalClient):
    """Keeps no ETag."""

    async def read(self, type_: str, id_: str, etag: str = "") -> Answer:
        """Read one resource as if for the first time."""
        del etag
        return await super().read(type_, id_)


class Flawed(Program):
    """The program with that part."""

    client = Forgetful


if __name__ == "__main__":
    main(Flawed)
