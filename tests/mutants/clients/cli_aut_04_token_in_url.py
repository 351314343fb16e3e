"""The access token travels in the URL besides the header."""

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
from tableau_urgences.hospital.tokens import Token  # noqa: E402 - found on the path set above

KILLED_BY = "CLI-AUT-04"
FLAW = "the access token also stands in the URL of every search by form"


class TokenInUrl(HospitalClient):
    """Adds the token to the URLs that have no parameters yet."""

    def address(self, url: str, token: Token) -> str:
        """Return the URL with the token in it; links that the hospital gave stay as they are."""
        return f"{url}?access_token={token.value}" if url.endswith("/_search") else url


class Flawed(Program):
    """The program with that part."""

    client = TokenInUrl


if __name__ == "__main__":
    main(Flawed)
