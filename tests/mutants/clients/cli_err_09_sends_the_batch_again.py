"""When an entry of a batch fails, all of them are asked for again."""

import sys
from pathlib import Path
from typing import Any

EXAMPLE = next(
    folder / "examples" / "entrepot_recherche"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "entrepot_recherche").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from entrepot_recherche.__main__ import Program, main  # noqa: E402 - found on the path set above
from entrepot_recherche.places import Places  # noqa: E402 - found on the path set above

SUBJECT = "entrepot_recherche"
KILLED_BY = "CLI-ERR-09"
FLAW = "403 inside a batch is repeated"


class Wholesale(Places):
    """Looks at the batch, not at its entries."""

    def note(self, place: str, entry: dict[str, Any]) -> None:
        """Keep what was given; whatever was not is asked for again."""
        if "resource" in entry:
            super().note(place, entry)


class Flawed(Program):
    """The program with that part."""

    places = Wholesale


if __name__ == "__main__":
    main(Flawed)
