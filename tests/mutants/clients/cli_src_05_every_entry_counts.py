"""Every entry of a page is taken for a result."""

import sys
from contextlib import suppress
from pathlib import Path

EXAMPLE = next(
    folder / "examples" / "tableau_urgences"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "tableau_urgences").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from tableau_urgences.__main__ import Program, main  # noqa: E402 - found on the path set above
from tableau_urgences.fhir import items, part, resource_id, text  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.client import HospitalClient  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.questions import Asked, Gone  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.transport import Answer  # noqa: E402 - found on the path set above

KILLED_BY = "CLI-SRC-05"
FLAW = "what came as include or outcome is read as a resource of the type that was searched"


class EveryEntry(HospitalClient):
    """Reads again the rows that do not look like the others, whatever brought them."""

    async def ask(self, type_: str, action: str, asked: Asked) -> Answer:
        """Ask, then complete what looks incomplete."""
        answer = await super().ask(type_, action, asked)
        for entry in items(answer.content, "entry"):
            resource = part(entry, "resource")
            if text(resource, "resourceType") != type_:
                with suppress(Gone):
                    await self.read(type_, resource_id(resource))
        return answer


class Flawed(Program):
    """The program with that part."""

    client = EveryEntry


if __name__ == "__main__":
    main(Flawed)
