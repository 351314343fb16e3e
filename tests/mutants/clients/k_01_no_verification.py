"""Certificates are not verified at all."""

import sys
from pathlib import Path

import httpx

EXAMPLE = next(
    folder / "examples" / "tableau_urgences"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "tableau_urgences").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from tableau_urgences import __main__ as program  # noqa: E402 - found on the path set above
from tableau_urgences.__main__ import main  # noqa: E402 - found on the path set above

KILLED_BY = "K-01"
FLAW = "any certificate is accepted"


def unverified() -> httpx.AsyncClient:
    """Return an HTTP client that believes any certificate."""
    return httpx.AsyncClient(verify=False, trust_env=False, timeout=10)  # noqa: S501 - the flaw


program.open_http = unverified


if __name__ == "__main__":
    main()
