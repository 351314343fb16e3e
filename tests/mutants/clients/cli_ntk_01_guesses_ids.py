"""Patient ids are guessed by counting, outside the cohort."""

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

KILLED_BY = "CLI-NTK-01"
FLAW = "patients are asked for that no answer ever named"


GUESSES = 40


class Guessing(Poller):
    """Asks for the first numbers too, in case they exist."""

    async def see_again(self, type_: str, ids: Iterable[str]) -> None:
        """Ask for the records and for ids made up by counting."""
        guessed = [f"pat-{number:06}" for number in range(1, GUESSES + 1)] if type_ == "Patient" else []
        await super().see_again(type_, {*ids, *guessed})


class Flawed(Program):
    """The program with that part."""

    poller = Guessing


if __name__ == "__main__":
    main(Flawed)
