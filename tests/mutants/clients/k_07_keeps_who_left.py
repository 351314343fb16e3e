"""A patient who left the cohort stays on the board."""

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
from tableau_urgences.hospital.poller import PAGE, Poller  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.questions import Found  # noqa: E402 - found on the path set above

KILLED_BY = "K-07"
FLAW = "records that the hospital no longer shows are kept"


class Hoarding(Poller):
    """Never lets go of a record."""

    async def see_again(self, type_: str, ids: Iterable[str]) -> None:
        """Take what is shown, and keep what is not."""
        query = {"_id": ",".join(sorted(ids)), "_count": PAGE}
        found = await self.client.search(type_, query, private=True) if query["_id"] else Found()
        for resource in found.resources:
            if resource["id"] in query["_id"].split(","):
                self.board.put(resource)


class Flawed(Program):
    """The program with that part."""

    poller = Hoarding


if __name__ == "__main__":
    main(Flawed)
