"""A patient is searched by family name in a GET, where every proxy logs it."""

import sys
from collections.abc import Iterable
from pathlib import Path

EXAMPLE = next(
    folder / "examples" / "tableau_urgences"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "tableau_urgences").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from tableau_urgences.__main__ import Program, main  # noqa: E402 - found on the path set above
from tableau_urgences.fhir import items, text  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.poller import Poller  # noqa: E402 - found on the path set above

KILLED_BY = "CLI-SRC-06"
FLAW = "the family name of a patient stands in a URL"


class NameInUrl(Poller):
    """Looks a patient up by name once it knows one."""

    async def see_again(self, type_: str, ids: Iterable[str]) -> None:
        """Ask for the records, then for one patient by name."""
        await super().see_again(type_, ids)
        people = self.board.held["Patient"].values() if type_ == "Patient" else ()
        for name in [text(name, "family") for person in people for name in items(person, "name")][:1]:
            await self.client.search("Patient", {"family": name, "_count": "10"})


class Flawed(Program):
    """The program with that part."""

    poller = NameInUrl


if __name__ == "__main__":
    main(Flawed)
