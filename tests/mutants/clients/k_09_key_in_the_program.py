"""A private key is delivered within the program."""

import sys
from pathlib import Path

EXAMPLE = next(
    folder / "examples" / "tableau_urgences"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "tableau_urgences").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from tableau_urgences.__main__ import main  # noqa: E402 - found on the path set above

KILLED_BY = "K-09"
FLAW = "a private key stands in the source of the program"

SPARE_KEY = """
-----BEGIN PRIVATE KEY-----
MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDASGqYlRbiKbFX0QlFM
n04LKXA5DGknVv3AJNoFJmg/pXwfUeitoHAc3xXSXEjZwuihZANiAAS8z08vNYvb
47aKzmclwT1E/BwvuHddbLd6zVinAnZ5Kae2iJ6mGNKoTjcFfpXaQEuX7N/k20uR
/1ZPG4os/Up1JsLPgjowB7F5CAZTW7csaTRtGHWrpFwdnuUP515ujpc=
-----END PRIVATE KEY-----
"""
"""Made for this mutant, and registered nowhere."""


if __name__ == "__main__":
    main()
