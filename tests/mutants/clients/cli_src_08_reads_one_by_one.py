"""Each patient on the board is read on its own."""

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
from tableau_urgences.hospital.poller import Poller  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.questions import Gone  # noqa: E402 - found on the path set above

KILLED_BY = "CLI-SRC-08"
FLAW = "patients are read one by one instead of searched together"


class OneByOne(Poller):
    """Knows of no search by several ids."""

    async def see_again(self, type_: str, ids: Iterable[str]) -> None:
        """Read what is asked for by id, one resource at a time."""
        for id_ in sorted(ids):
            try:
                answer = await self.client.read(type_, id_, self._etags.get(f"{type_}/{id_}", ""))
            except Gone:
                self.board.drop(type_, [id_])
                continue
            if answer.status == 200:
                self._etags[f"{type_}/{id_}"] = answer.headers.get("etag", "")
                self.board.put(answer.content)


class Flawed(Program):
    """The program with that part."""

    poller = OneByOne


if __name__ == "__main__":
    main(Flawed)
