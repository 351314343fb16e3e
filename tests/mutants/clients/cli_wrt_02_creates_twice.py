"""A create that got no answer is repeated as another one."""

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
from entrepot_recherche.results import Results  # noqa: E402 - found on the path set above

SUBJECT = "entrepot_recherche"
KILLED_BY = "CLI-WRT-02"
FLAW = "a retry makes a duplicate"


class Forgetful(Results):
    """Has no identifiers of its own."""

    def create(self, result: dict[str, Any]) -> str:
        """Create the result without anything to know it by."""
        bare = {name: value for name, value in result.items() if name != "identifier"}
        answer = self.hospital.send("POST", "Observation", resource=bare)
        return str(answer.json().get("id", ""))


class Flawed(Program):
    """The program with that part."""

    results = Forgetful


if __name__ == "__main__":
    main(Flawed)
