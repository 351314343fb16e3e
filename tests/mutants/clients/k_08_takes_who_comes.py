"""Whatever patient an answer holds is kept."""

import sys
from pathlib import Path

EXAMPLE = next(
    folder / "examples" / "tableau_urgences"
    for folder in Path(__file__).resolve().parents
    if (folder / "examples" / "tableau_urgences").is_dir()
)
sys.path.insert(0, str(EXAMPLE))

from tableau_urgences.__main__ import Program, main  # noqa: E402 - found on the path set above
from tableau_urgences.hospital.poller import Poller  # noqa: E402 - found on the path set above

KILLED_BY = "K-08"
FLAW = "a patient that nobody asked for is taken"


class Welcoming(Poller):
    """Keeps every patient that an answer holds, asked for or not."""

    async def poll(self) -> None:
        """Poll, then put the guests back that the board let go of."""
        asked = {"_id": ",".join(self.board.patient_ids())}
        guests = (await self.client.search("Patient", asked, private=True)).resources if asked["_id"] else []
        await super().poll()
        for patient in guests:
            if patient["id"] not in self.board.patient_ids():
                self.board.put(patient)


class Flawed(Program):
    """The program with that part."""

    poller = Welcoming


if __name__ == "__main__":
    main(Flawed)
