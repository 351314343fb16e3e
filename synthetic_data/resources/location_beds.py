"""Location resources of rooms, then of the beds in them; rooms are part of the place of their unit."""

from collections.abc import Iterator

from synthetic_data.facts.beds import beds
from synthetic_data.facts.units import UNITS
from synthetic_data.plan import HospitalPlan
from synthetic_data.resources.kind import Kind
from synthetic_data.templating.columns import Rows, texts

_WINDOW, _CORRIDOR = "FNTR", "CLR"


def rows(plan: HospitalPlan) -> Iterator[Rows]:
    """Give the rooms and beds of the hospital."""
    known = beds(plan.patients)
    rooms = list({bed.room_id: bed for bed in known}.values())
    yield Rows(
        "location_room",
        len(rooms),
        {
            "id": texts(bed.room_id for bed in rooms),
            "name": texts(f"Chambre {bed.room}" for bed in rooms),
            "unit": texts(UNITS[bed.unit]["id"] for bed in rooms),
            "ward": texts(bed.ward for bed in rooms),
        },
    )
    windows = {bed.room_id: bed.number for bed in reversed(known)}
    yield Rows(
        "location_bed",
        len(known),
        {
            "id": texts(bed.id for bed in known),
            "name": texts(f"Chambre {bed.room} - lit {bed.number}" for bed in known),
            # In a room for two, the first bed is by the window.
            "position": texts(
                None if bed.alone else _position(bed.number, windows[bed.room_id]) for bed in known
            ),
            "unit": texts(UNITS[bed.unit]["id"] for bed in known),
            "room": texts(bed.room_id for bed in known),
        },
    )


def _position(number: int, first: int) -> str:
    return _WINDOW if number == first else _CORRIDOR


KIND = Kind("Location", order=22, family="beds", of_hospital=rows)
