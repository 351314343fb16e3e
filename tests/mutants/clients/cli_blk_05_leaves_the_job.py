"""The export is left on the server when it is done."""

import sys
from pathlib import Path

EXAMPLE = next(
    folder / "examples" / "entrepot_recherche"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "entrepot_recherche").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from entrepot_recherche.__main__ import Program, main  # noqa: E402 - found on the path set above
from entrepot_recherche.export import Export  # noqa: E402 - found on the path set above

SUBJECT = "entrepot_recherche"
KILLED_BY = "CLI-BLK-05"
FLAW = "the job is never deleted"


class Untidy(Export):
    """Leaves things where they are."""

    def close(self, job: str) -> None:
        """Do nothing."""


class Flawed(Program):
    """The program with that part."""

    export = Untidy


if __name__ == "__main__":
    main(Flawed)
