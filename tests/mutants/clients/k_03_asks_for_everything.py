"""The token is asked for every type there is."""

import sys
from pathlib import Path

EXAMPLE = next(
    folder / "examples" / "tableau_urgences"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "tableau_urgences").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from tableau_urgences.__main__ import Program, main  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.tokens import TokenSource  # noqa: E402 - found on the path set above

KILLED_BY = "K-03"
FLAW = "the scopes asked for are a wildcard"


class Greedy(TokenSource):
    """Asks for everything, in case it is given."""

    def form(self, endpoint: str) -> dict[str, str]:
        """Return the form with a wildcard."""
        return {**super().form(endpoint), "scope": "system/*.rs"}


class Flawed(Program):
    """The program with that part."""

    tokens = Greedy


if __name__ == "__main__":
    main(Flawed)
