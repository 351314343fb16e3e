"""The status of an export is asked for every third of a second."""

import sys
import time
from pathlib import Path

EXAMPLE = next(
    folder / "examples" / "entrepot_recherche"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "entrepot_recherche").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from entrepot_recherche.__main__ import Program, main  # noqa: E402 - found on the path set above
from entrepot_recherche.export import JSON, Export  # noqa: E402 - found on the path set above
from entrepot_recherche.hospital import retry_after  # noqa: E402 - found on the path set above

SUBJECT = "entrepot_recherche"
KILLED_BY = "CLI-BLK-02"
FLAW = "the pauses between status requests do not grow"


class Hurried(Export):
    """Looks again and again."""

    def wait(self, job: str) -> JSON:
        """Ask for the status at a fixed pace, once the first wait is over."""
        while True:
            answer = self.hospital.send("GET", job, headers={"Accept": "application/json"})
            if answer.status_code == 200:
                return answer.json()
            time.sleep(retry_after(answer) or 0.3)


class Flawed(Program):
    """The program with that part."""

    export = Hurried


if __name__ == "__main__":
    main(Flawed)
