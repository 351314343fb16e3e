"""References to other hosts are fetched with the hospital's token."""

import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path

EXAMPLE = next(
    folder / "examples" / "tableau_urgences"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "tableau_urgences").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from tableau_urgences.__main__ import Program, main  # noqa: E402 - found on the path set above
from tableau_urgences.fhir import part, text  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.client import HospitalClient  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.questions import Found  # noqa: E402 - found on the path set above

KILLED_BY = "CLI-AUT-11"
FLAW = "an absolute reference is fetched wherever it leads, token included"


class Fetching(HospitalClient):
    """Wants to know the name of every organisation."""

    async def search(self, type_: str, parameters: Mapping[str, str], *, private: bool = False) -> Found:
        """Search, and fetch what the resources refer to."""
        found = await super().search(type_, parameters, private=private)
        headers = {"Authorization": f"Bearer {(await self.tokens.token()).value}"}
        for resource in found.resources:
            for name in ("serviceProvider", "managingOrganization", "organization"):
                url = text(part(resource, name), "reference")
                if url.startswith("http"):
                    await self.transport.send(partial(self.transport.build, "GET", url, headers=headers))
        return found


class Flawed(Program):
    """The program with that part."""

    client = Fetching


if __name__ == "__main__":
    main(Flawed)
