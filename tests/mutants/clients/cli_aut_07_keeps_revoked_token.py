"""A revoked token is used again before another one is asked for."""

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
from tableau_urgences.hospital.tokens import Token  # noqa: E402 - found on the path set above

KILLED_BY = "CLI-AUT-07"
FLAW = "a request refused with 401 is repeated with the same revoked token"


class KeepsToken(HospitalClient):
    """Tries the rejected token again, in case the hospital changes its mind."""

    async def renew(self, token: Token) -> Token:
        """Return the token that was just rejected."""
        return token


class Flawed(Program):
    """The program with that part."""

    client = KeepsToken


if __name__ == "__main__":
    main(Flawed)
