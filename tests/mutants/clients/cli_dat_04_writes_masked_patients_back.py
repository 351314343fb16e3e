"""A patient who came masked is written back whole."""

import sys
from pathlib import Path

EXAMPLE = next(
    folder / "examples" / "entrepot_recherche"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "entrepot_recherche").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from entrepot_recherche.__main__ import Program, main  # noqa: E402 - found on the path set above
from entrepot_recherche.results import Results  # noqa: E402 - found on the path set above

SUBJECT = "entrepot_recherche"
KILLED_BY = "CLI-DAT-04"
FLAW = "a SUBSETTED resource is PUT"


class Improving(Results):
    """Marks the patients of the study at the hospital."""

    def publish(self, patient: str, count: int) -> None:
        """Write the patient back as the warehouse knows it, then the result."""
        read = self.hospital.send("GET", f"Patient/{patient}")
        etag = read.headers.get("etag", "")
        if read.status_code == 200:
            headers = {"If-Match": etag}
            self.hospital.send("PUT", f"Patient/{patient}", headers=headers, resource=read.json())
        super().publish(patient, count)


class Flawed(Program):
    """The program with that part."""

    results = Improving


if __name__ == "__main__":
    main(Flawed)
