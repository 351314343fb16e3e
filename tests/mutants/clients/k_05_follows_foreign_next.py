"""A next link to another host is followed, with the access token."""

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

KILLED_BY = "K-05"
FLAW = "the token is sent to whatever host a next link names"


class Credulous(HospitalClient):
    """Takes every host for the hospital."""

    def is_ours(self, url: str) -> bool:
        """Trust the URL, whatever its origin."""
        del url
        return True


class Flawed(Program):
    """The program with that part."""

    client = Credulous


if __name__ == "__main__":
    main(Flawed)
