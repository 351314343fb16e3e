"""The program goes by the name of its HTTP library."""

import sys
from collections.abc import Mapping
from pathlib import Path

import httpx

EXAMPLE = next(
    folder / "examples" / "tableau_urgences"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "tableau_urgences").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from tableau_urgences.__main__ import Program, main  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.transport import Transport  # noqa: E402 - found on the path set above

KILLED_BY = "CLI-NTK-03"
FLAW = "User-Agent is that of the HTTP library, without vendor, application or version"


class Anonymous(Transport):
    """Says which library it uses, not who it is."""

    def build(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> httpx.Request:
        """Return the request under the name of the library."""
        named = {**headers, "User-Agent": f"python-httpx/{httpx.__version__}"}
        return super().build(method, url, headers=named, params=params, form=form)


class Flawed(Program):
    """The program with that part."""

    transport = Anonymous


if __name__ == "__main__":
    main(Flawed)
