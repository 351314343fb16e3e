"""A refused token is asked for again at once, for ever."""

import asyncio
import sys
from pathlib import Path

EXAMPLE = next(
    folder / "examples" / "tableau_urgences"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "tableau_urgences").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from tableau_urgences.__main__ import Program, main  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.tokens import Token, TokenRefused, TokenSource  # noqa: E402 - found on the path set above

KILLED_BY = "CLI-AUT-08"
FLAW = "a token that is refused is asked for again every half second, without end"


class ForEver(TokenSource):
    """Hopes that the hospital changes its mind."""

    async def token(self) -> Token:
        """Ask until a token comes."""
        while True:
            try:
                return await super().token()
            except TokenRefused:
                self._closed_until = 0.0
                await asyncio.sleep(0.5)


class Flawed(Program):
    """The program with that part."""

    tokens = ForEver


if __name__ == "__main__":
    main(Flawed)
