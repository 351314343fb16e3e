"""The token is first asked for in JSON, and by a form only once that was refused."""

import sys
from pathlib import Path

import httpx

EXAMPLE = next(
    folder / "examples" / "tableau_urgences"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "tableau_urgences").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from tableau_urgences.__main__ import Program, main  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.tokens import TokenSource  # noqa: E402 - found on the path set above

KILLED_BY = "CLI-AUT-01"
FLAW = "the first token request is a POST of JSON instead of a form"


class JsonFirst(TokenSource):
    """Tries JSON before it does what the specification says."""

    _tried = False

    def token_request(self, endpoint: str) -> httpx.Request:
        """Return a JSON request the first time."""
        if self._tried:
            return super().token_request(endpoint)
        self._tried = True
        return httpx.Request("POST", endpoint, json=self.form(endpoint))


class Flawed(Program):
    """The program with that part."""

    tokens = JsonFirst


if __name__ == "__main__":
    main(Flawed)
