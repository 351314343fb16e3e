"""A new token is asked for at each poll, however long the last one lives."""

import sys
from pathlib import Path

EXAMPLE = next(
    folder / "examples" / "tableau_urgences"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "tableau_urgences").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from tableau_urgences.__main__ import Program, main  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.tokens import Token, TokenSource  # noqa: E402 - found on the path set above

KILLED_BY = "K-02"
FLAW = "a token is used once and thrown away"


class Wasteful(TokenSource):
    """Keeps no token."""

    async def token(self) -> Token:
        """Return a new token, always."""
        self._token = None
        return await super().token()


class Flawed(Program):
    """The program with that part."""

    tokens = Wasteful


if __name__ == "__main__":
    main(Flawed)
