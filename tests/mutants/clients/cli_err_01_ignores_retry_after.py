"""A 429 is answered by the same request at once."""

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

KILLED_BY = "CLI-ERR-01"
FLAW = "Retry-After is ignored on 429"


class Impatient(Transport):
    """Does not wait when the hospital is busy."""

    def wait(self, tried: int, answer: Answer | None) -> float | None:
        """Return no wait after a 429."""
        busy = answer is not None and answer.status == 429
        return 0.0 if busy else super().wait(tried, answer)


class Flawed(Program):
    """The program with that part."""

    transport = Impatient


if __name__ == "__main__":
    main(Flawed)
