"""Who left the cohort is asked for at each poll, in case."""

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

KILLED_BY = "CLI-NTK-04"
FLAW = "a patient whom the hospital no longer shows is asked for again at each poll"


class Hopeful(Poller):
    """Remembers every id it ever had."""

    everyone: frozenset[str] = frozenset()

    async def see_again(self, type_: str, ids: Iterable[str]) -> None:
        """Ask for the records held, and for those held before."""
        if type_ == "Patient":
            self.everyone |= set(ids)
            ids = self.everyone
        await super().see_again(type_, ids)


class Flawed(Program):
    """The program with that part."""

    poller = Hopeful


if __name__ == "__main__":
    main(Flawed)
