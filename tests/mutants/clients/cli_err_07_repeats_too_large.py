"""What is too large for the hospital is sent again at once, as large."""

import sys
from pathlib import Path

EXAMPLE = next(
    folder / "examples" / "tableau_urgences"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "tableau_urgences").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from tableau_urgences.__main__ import Program, main  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.client import HospitalClient  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.questions import Asked  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.tokens import Token  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.transport import Answer  # noqa: E402 - found on the path set above

KILLED_BY = "CLI-ERR-07"
FLAW = "a 413 is retried unchanged"


class Stubborn(HospitalClient):
    """Takes a limit for an accident."""

    async def _authorised(self, token: Token, asked: Asked) -> Answer:
        """Send the same request again after a 413."""
        answer = await super()._authorised(token, asked)
        return await super()._authorised(token, asked) if answer.status == 413 else answer


class Flawed(Program):
    """The program with that part."""

    client = Stubborn


if __name__ == "__main__":
    main(Flawed)
