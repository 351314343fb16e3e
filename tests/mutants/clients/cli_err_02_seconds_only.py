"""Retry-After is read as seconds only; a date is no wait at all."""

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

KILLED_BY = "CLI-ERR-02"
FLAW = "a Retry-After date is ignored"


class SecondsOnly(Transport):
    """Knows one of the two forms of Retry-After."""

    def wait(self, tried: int, answer: Answer | None) -> float | None:
        """Return no wait after a 429 whose Retry-After is no number."""
        asked = answer.headers.get("retry-after", "") if answer is not None else ""
        return 0.0 if asked and not asked.isdigit() else super().wait(tried, answer)


class Flawed(Program):
    """The program with that part."""

    transport = SecondsOnly


if __name__ == "__main__":
    main(Flawed)
