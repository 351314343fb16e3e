"""After a 403 the program asks for every right there is."""

import sys
from dataclasses import replace
from pathlib import Path

EXAMPLE = next(
    folder / "examples" / "tableau_urgences"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "tableau_urgences").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from tableau_urgences.__main__ import Program, main  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.client import HospitalClient  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.tokens import Token  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.transport import Answer  # noqa: E402 - found on the path set above
from tableau_urgences.settings import Settings  # noqa: E402 - found on the path set above

KILLED_BY = "CLI-ERR-05"
FLAW = "a 403 is answered by asking for a wider scope"


class Greedy(HospitalClient):
    """Believes that a refusal is a matter of scopes."""

    def _judge(self, type_: str, token: Token, answer: Answer) -> None:
        """Ask for the next token with all rights."""
        if answer.status == 403:
            settings: Settings = self.tokens._settings
            self.tokens._settings = replace(settings, scopes=f"{settings.scopes} system/*.cruds")
        super()._judge(type_, token, answer)


class Flawed(Program):
    """The program with that part."""

    client = Greedy


if __name__ == "__main__":
    main(Flawed)
