"""The token endpoint is the one that was found when the program was first installed."""

import sys
from pathlib import Path

EXAMPLE = next(
    folder / "examples" / "tableau_urgences"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "tableau_urgences").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from tableau_urgences.__main__ import Program, main  # noqa: E402 - found on the path set above
from tableau_urgences.fhir import JSON  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.tokens import TokenSource  # noqa: E402 - found on the path set above

KILLED_BY = "CLI-DIS-01"
FLAW = "the token endpoint is not the one of the SMART configuration"


class KnownEndpoint(TokenSource):
    """Read the documentation of the hospital once."""

    async def configuration(self) -> JSON:
        """Return the configuration with the endpoint of the documentation."""
        found = dict(await super().configuration())
        if "/moved/" in found["token_endpoint"]:
            found["token_endpoint"] = found["token_endpoint"].replace("/moved/oauth2", "")
        return found


class Flawed(Program):
    """The program with that part."""

    tokens = KnownEndpoint


if __name__ == "__main__":
    main(Flawed)
