"""A client assertion is valid for twenty minutes, until the token server refuses it."""

import sys
import time
from pathlib import Path

EXAMPLE = next(
    folder / "examples" / "tableau_urgences"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "tableau_urgences").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from tableau_urgences.__main__ import Program, main  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.tokens import TokenSource  # noqa: E402 - found on the path set above

KILLED_BY = "CLI-AUT-03"
FLAW = "the first client assertion is valid for twenty minutes"


class LongLived(TokenSource):
    """Signs a long-lived assertion before it tries a short one."""

    _tried = False

    def claims(self, audience: str) -> dict[str, object]:
        """Return claims that expire far too late the first time."""
        claims = super().claims(audience)
        if not self._tried:
            self._tried = True
            claims["exp"] = int(time.time()) + 1200
        return claims


class Flawed(Program):
    """The program with that part."""

    tokens = LongLived


if __name__ == "__main__":
    main(Flawed)
