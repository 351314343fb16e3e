"""The capability statement is read before each search."""

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
from tableau_urgences.hospital.capabilities import Capabilities  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.client import HospitalClient  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.questions import Found  # noqa: E402 - found on the path set above

KILLED_BY = "CLI-DIS-02"
FLAW = "the capability statement is read again before each search"


class EachTime(HospitalClient):
    """Wants to be sure."""

    async def search(self, type_: str, parameters: Mapping[str, str], *, private: bool = False) -> Found:
        """Read what the hospital offers, then search."""
        self.capabilities = Capabilities(self.base_url, self.transport)
        return await super().search(type_, parameters, private=private)


class Flawed(Program):
    """The program with that part."""

    client = EachTime


if __name__ == "__main__":
    main(Flawed)
