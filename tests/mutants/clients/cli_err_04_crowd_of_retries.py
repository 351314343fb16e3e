"""When the hospital is down, sixty workers ask whether it is back."""

import asyncio
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

KILLED_BY = "CLI-ERR-04"
FLAW = "an outage multiplies the requests"


class Crowd(HospitalClient):
    """Has every worker look for itself."""

    async def _authorised(self, token: Token, asked: Asked) -> Answer:
        """Send sixty requests at once after a 503, none of which waits for another."""
        first = await self.transport.exchange(self._request(token, asked))
        if first.status != 503:
            return first if not first.transient else await super()._authorised(token, asked)
        tries = (self.transport.exchange(self._request(token, asked)) for _ in range(60))
        await asyncio.gather(*tries, return_exceptions=True)
        return await super()._authorised(token, asked)


class Flawed(Program):
    """The program with that part."""

    client = Crowd


if __name__ == "__main__":
    main(Flawed)
