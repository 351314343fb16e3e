"""An update does not say over which version it is."""

import sys
from pathlib import Path

import httpx

EXAMPLE = next(
    folder / "examples" / "entrepot_recherche"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "entrepot_recherche").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from entrepot_recherche.__main__ import Program, main  # noqa: E402 - found on the path set above
from entrepot_recherche.hospital import Hospital  # noqa: E402 - found on the path set above

SUBJECT = "entrepot_recherche"
KILLED_BY = "CLI-WRT-01"
FLAW = "no If-Match on updates"


class Blind(Hospital):
    """Believes to be alone."""

    def once(
        self, method: str, url: str, headers: dict[str, str], content: bytes | None, into: Path | None
    ) -> httpx.Response | None:
        """Send the request without If-Match."""
        headers.pop("If-Match", None)
        return super().once(method, url, headers, content, into)


class Flawed(Program):
    """The program with that part."""

    hospital = Blind


if __name__ == "__main__":
    main(Flawed)
