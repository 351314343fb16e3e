"""A token that opens less than was asked for is not used."""

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
from tableau_urgences.hospital.transport import Answer  # noqa: E402 - found on the path set above

KILLED_BY = "CLI-AUT-10"
FLAW = "nothing is asked any more when one of the scopes is not granted"


class AllOrNothing(TokenSource):
    """Wants every scope or none."""

    def _granted(self, answer: Answer) -> Token:
        token = super()._granted(answer)
        if len(token.scope.split()) < len(self._settings.scopes.split()):
            message = "not every scope was granted"
            raise TokenRefused(message)
        return token


class Flawed(Program):
    """The program with that part."""

    tokens = AllOrNothing


if __name__ == "__main__":
    main(Flawed)
