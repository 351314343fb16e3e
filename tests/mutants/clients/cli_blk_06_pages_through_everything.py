"""All measurements are paged through, though an export was agreed."""

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
KILLED_BY = "CLI-BLK-06"
FLAW = "paging above the agreed volume"


class Paging(Export):
    """Knows searches only."""

    def run(self, group: str) -> None:
        """Search every measurement of the cohort, page after page."""
        super().run(group)
        url = "Observation?_lastUpdated=gt2000-01-01&_count=50"
        while url:
            page = self.hospital.send("GET", url).json()
            for entry in page.get("entry", []):
                self.keep(entry["resource"])
            url = next((one["url"] for one in page.get("link", []) if one["relation"] == "next"), "")


class Flawed(Program):
    """The program with that part."""

    export = Paging


if __name__ == "__main__":
    main(Flawed)
