"""The header of the client assertion lacks typ."""

import sys
from pathlib import Path

EXAMPLE = next(
    folder / "examples" / "tableau_urgences"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "tableau_urgences").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from tableau_urgences.__main__ import Program, main  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.keys import SigningKey  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.tokens import TokenSource  # noqa: E402 - found on the path set above

KILLED_BY = "CLI-AUT-02"
FLAW = "the client assertion does not say that it is a JWT"


class WithoutType(TokenSource):
    """Signs an assertion whose header has no typ."""

    def header(self, key: SigningKey) -> dict[str, str]:
        """Return the header; the library leaves an empty typ out."""
        return {**super().header(key), "typ": ""}


class Flawed(Program):
    """The program with that part."""

    tokens = WithoutType


if __name__ == "__main__":
    main(Flawed)
