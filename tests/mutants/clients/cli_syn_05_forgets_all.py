"""What was known before a kill is forgotten."""

import sys
from pathlib import Path

EXAMPLE = next(
    folder / "examples" / "tableau_urgences"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "tableau_urgences").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from tableau_urgences.__main__ import Program, main  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.poller import Poller  # noqa: E402 - found on the path set above

KILLED_BY = "CLI-SYN-05"
FLAW = "the checkpoint is written, and never read again"


class Forgetful(Poller):
    """Begins at the beginning each time."""

    def _resume(self, path: Path) -> None:
        """Resume nothing."""


class Flawed(Program):
    """The program with that part."""

    poller = Forgetful


if __name__ == "__main__":
    main(Flawed)
