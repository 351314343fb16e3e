"""The files of errors and of deletions are not looked at."""

import sys
from pathlib import Path

EXAMPLE = next(
    folder / "examples" / "entrepot_recherche"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "entrepot_recherche").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from entrepot_recherche.__main__ import Program, main  # noqa: E402 - found on the path set above
from entrepot_recherche.export import JSON, Export  # noqa: E402 - found on the path set above

SUBJECT = "entrepot_recherche"
KILLED_BY = "CLI-BLK-04"
FLAW = "error and deleted files are ignored"


class Selective(Export):
    """Wants data only."""

    def wait(self, job: str) -> JSON:
        """Return the manifest with its output alone."""
        return {"output": super().wait(job).get("output", [])}


class Flawed(Program):
    """The program with that part."""

    export = Selective


if __name__ == "__main__":
    main(Flawed)
