"""A revoked token is used again and again, and no other one is asked for."""

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

KILLED_BY = "CLI-AUT-07"
FLAW = "a revoked token is never replaced"


class NeverForgets(TokenSource):
    """Keeps its token whatever the hospital answers."""

    def forget(self, token: Token) -> None:
        """Keep the rejected token."""


class Flawed(Program):
    """The program with that part."""

    tokens = NeverForgets


if __name__ == "__main__":
    main(Flawed)
