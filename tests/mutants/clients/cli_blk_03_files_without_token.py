"""The files of an export are asked for without a token."""

import sys
from pathlib import Path

EXAMPLE = next(
    folder / "examples" / "entrepot_recherche"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "entrepot_recherche").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from entrepot_recherche.__main__ import Program, main  # noqa: E402 - found on the path set above
from entrepot_recherche.hospital import Hospital  # noqa: E402 - found on the path set above

SUBJECT = "entrepot_recherche"
KILLED_BY = "CLI-BLK-03"
FLAW = "no token on file downloads"


class Trusting(Hospital):
    """Believes that an address that nobody can guess is enough."""

    def authorization(self, url: str) -> dict[str, str]:
        """Return no token for a file."""
        return {} if "$export-file" in url else super().authorization(url)


class Flawed(Program):
    """The program with that part."""

    hospital = Trusting


if __name__ == "__main__":
    main(Flawed)
