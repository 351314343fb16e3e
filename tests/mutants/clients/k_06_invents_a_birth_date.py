"""A birth date that is masked becomes a date on the screen."""

import sys
from pathlib import Path

EXAMPLE = next(
    folder / "examples" / "tableau_urgences"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "tableau_urgences").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from tableau_urgences import page  # noqa: E402 - found on the path set above
from tableau_urgences.__main__ import main  # noqa: E402 - found on the path set above

KILLED_BY = "K-06"
FLAW = "a missing birth date is shown as 1 January 1900"


sound = page._day


def _day(value: str) -> str:
    """Return the first of January 1900 where there is no date."""
    return sound(value or "1900-01-01")


page._day = _day


if __name__ == "__main__":
    main()
