"""The hospital is polled ten times a second, whatever was agreed."""

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
from tableau_urgences.hospital.transport import HospitalError  # noqa: E402 - found on the path set above

KILLED_BY = "CLI-SYN-04"
FLAW = "the same search is repeated every tenth of a second"


class Storm(Poller):
    """Polls far more often than agreed."""

    def pause(self, failure: HospitalError | None) -> float:
        """Return a tenth of a second, unless the hospital is down."""
        return 0.1 if failure is None else super().pause(failure)


class Flawed(Program):
    """The program with that part."""

    poller = Storm


if __name__ == "__main__":
    main(Flawed)
