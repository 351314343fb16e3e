"""The assertion goes to whatever server the configuration names."""

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

KILLED_BY = "K-10"
FLAW = "a token endpoint in the clear on another host is trusted"


class Believing(TokenSource):
    """Trusts every address that it is told."""

    def _is_trusted(self, url: str) -> bool:
        """Trust any address."""
        return bool(url)


class Flawed(Program):
    """The program with that part."""

    tokens = Believing


if __name__ == "__main__":
    main(Flawed)
