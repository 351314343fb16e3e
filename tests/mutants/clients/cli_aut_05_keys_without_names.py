"""The keys are published without their names."""

import json
import sys
from pathlib import Path

EXAMPLE = next(
    folder / "examples" / "tableau_urgences"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "tableau_urgences").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from tableau_urgences.__main__ import Program, main  # noqa: E402 - found on the path set above
from tableau_urgences.exchange import Response  # noqa: E402 - found on the path set above
from tableau_urgences.site import Site  # noqa: E402 - found on the path set above

KILLED_BY = "CLI-AUT-05"
FLAW = "the keys are published without kid, so that nobody can tell which is in use"


class Nameless(Site):
    """Has only one key at a time."""

    def published(self) -> Response:
        """Return the keys without their kid."""
        answer = super().published()
        keys = [{n: v for n, v in key.items() if n != "kid"} for key in json.loads(answer.body)["keys"]]
        return Response(200, json.dumps({"keys": keys}).encode(), answer.headers)


class Flawed(Program):
    """The program with that part."""

    site = Nameless


if __name__ == "__main__":
    main(Flawed)
