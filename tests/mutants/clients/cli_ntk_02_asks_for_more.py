"""Results of the laboratory are asked for, which the purpose does not hold."""

import sys
from collections.abc import Mapping
from pathlib import Path

EXAMPLE = next(
    folder / "examples" / "tableau_urgences"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "tableau_urgences").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from tableau_urgences.__main__ import Program, main  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.client import HospitalClient  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.questions import Asked, Found  # noqa: E402 - found on the path set above

KILLED_BY = "CLI-NTK-02"
FLAW = "a type that the Permission does not open is asked for"


class Curious(HospitalClient):
    """Would like to show results as well."""

    async def search(self, type_: str, parameters: Mapping[str, str], *, private: bool = False) -> Found:
        """Search, and try for results beside the roles."""
        if type_ == "PractitionerRole":
            results = {"date": "ge2024-01-01", "_count": "10"}
            url = f"{self.base_url}/Observation"
            await self._authorised(await self.tokens.token(), Asked("GET", url, results))
        return await super().search(type_, parameters, private=private)


class Flawed(Program):
    """The program with that part."""

    client = Curious


if __name__ == "__main__":
    main(Flawed)
