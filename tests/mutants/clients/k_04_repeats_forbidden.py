"""A request that was refused with 403 is sent again at once."""

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

KILLED_BY = "K-04"
FLAW = "a 403 is answered by the same request"


class Insistent(HospitalClient):
    """Believes that the hospital did not mean it."""

    async def _authorised(self, token: Token, asked: Asked) -> Answer:
        """Send the request again, with the same token, when it was refused."""
        answer = await super()._authorised(token, asked)
        return await super()._authorised(token, asked) if answer.status == 403 else answer


class Flawed(Program):
    """The program with that part."""

    client = Insistent


if __name__ == "__main__":
    main(Flawed)
