"""A file of an export is used as it came, whole or not."""

import json
import sys
from collections.abc import Callable
from contextlib import suppress
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
FLAW = "a truncated file is taken"


class Careless(Export):
    """Reads as far as it can."""

    def take(self, file: JSON, use: Callable[[JSON], None]) -> None:
        """Use the lines that can be read, and be content."""
        path = self.hospital.settings.folder / "export.ndjson"
        self.hospital.send("GET", file["url"], into=path)
        for line in path.open("rb"):
            with suppress(ValueError):
                use(json.loads(line))


class Flawed(Program):
    """The program with that part."""

    export = Careless


if __name__ == "__main__":
    main(Flawed)
