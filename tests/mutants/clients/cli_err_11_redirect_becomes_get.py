"""A redirect is followed by a GET without the body, whatever was asked."""

import sys
from functools import partial
from pathlib import Path
from urllib.parse import urljoin

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

KILLED_BY = "CLI-ERR-11"
FLAW = "a redirect changes the method and loses the body"


class Forgetful(HospitalClient):
    """Follows redirects as old browsers did: with another question."""

    async def _authorised(self, token: Token, asked: Asked) -> Answer:
        """Follow a redirect with the other method."""
        answer = await self.transport.send(partial(self._request, token, asked))
        if answer.status not in {307, 308}:
            return answer
        to = urljoin(answer.url, answer.headers.get("location", ""))
        other = Asked("GET", to) if asked.method == "POST" else Asked("POST", to, form={})
        return await super()._authorised(token, other)


class Flawed(Program):
    """The program with that part."""

    client = Forgetful


if __name__ == "__main__":
    main(Flawed)
