"""The authority of a certificate is verified, its name is not."""

import ssl
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
FLAW = "a certificate for another name is accepted"


def nameless() -> httpx.AsyncClient:
    """Return an HTTP client that believes any certificate of an authority it trusts."""
    context = ssl.create_default_context()
    context.check_hostname = False
    return httpx.AsyncClient(verify=context, trust_env=False, timeout=10)


program.open_http = nameless


if __name__ == "__main__":
    main()
