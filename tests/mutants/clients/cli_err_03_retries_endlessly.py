"""A 503 is answered by the same request at once, without end."""

import sys
from pathlib import Path

EXAMPLE = next(
    folder / "examples" / "tableau_urgences"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "tableau_urgences").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from tableau_urgences.__main__ import Program, main  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.transport import Answer, Transport  # noqa: E402 - found on the path set above

KILLED_BY = "CLI-ERR-03"
FLAW = "a 503 is retried at once and endlessly"


class Endless(Transport):
    """Hammers a hospital that is down."""

    def wait(self, tried: int, answer: Answer | None) -> float | None:
        """Return next to no wait after a 503, however often it was tried."""
        down = answer is not None and answer.status == 503
        return 0.01 if down else super().wait(tried, answer)


class Flawed(Program):
    """The program with that part."""

    transport = Endless


if __name__ == "__main__":
    main(Flawed)
