"""A token is renewed a minute before it ends, whatever its life is."""

import sys
import time
from dataclasses import replace
from pathlib import Path

EXAMPLE = next(
    folder / "examples" / "tableau_urgences"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "tableau_urgences").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from tableau_urgences.__main__ import Program, main  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.tokens import Token, TokenSource  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.transport import Answer  # noqa: E402 - found on the path set above

KILLED_BY = "CLI-AUT-06"
FLAW = "a token is given up 60 s before it ends, so that one of 60 s is never used twice"


class FixedMargin(TokenSource):
    """Was written for tokens of five minutes."""

    def _granted(self, answer: Answer) -> Token:
        token = super()._granted(answer)
        return replace(token, renew_at=time.monotonic() + answer.content["expires_in"] - 60)


class Flawed(Program):
    """The program with that part."""

    tokens = FixedMargin


if __name__ == "__main__":
    main(Flawed)
