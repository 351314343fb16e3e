"""The page writes the names of patients as they come."""

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

KILLED_BY = "K-08"
FLAW = "texts of the hospital are not escaped on the page"


page.escape = str


if __name__ == "__main__":
    main()
