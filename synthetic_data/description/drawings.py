"""All the drawings of the page, by the name that the templates call them by."""

from collections.abc import Mapping
from dataclasses import dataclass

from synthetic_data.description.drawing.columns import columns
from synthetic_data.description.drawing.marks import Drawing
from synthetic_data.description.drawing.occupancy import occupancy
from synthetic_data.description.drawing.pyramid import pyramid
from synthetic_data.description.drawing.strip import Strip, strip
from synthetic_data.description.drawing.trajectory import trajectory
from synthetic_data.description.portrait import Portrait


@dataclass(frozen=True, slots=True)
class Drawings:
    """`rhythms` by the name of their attribute in the portrait; the others in the order of their subject."""

    pyramid: Drawing
    rhythms: Mapping[str, Drawing]
    nights: Drawing
    trajectories: tuple[Drawing, ...]
    occupancy: Drawing
    strips: tuple[Strip | None, ...]


def drawings_of(portrait: Portrait) -> Drawings:
    """Draw a portrait."""
    rhythms = portrait.rhythms
    return Drawings(
        pyramid=pyramid(portrait.pyramid),
        rhythms={
            "emergency_hours": columns(rhythms.emergency_hours, every=3),
            "consultation_hours": columns(rhythms.consultation_hours, every=3),
            "emergency_weekdays": columns(rhythms.emergency_weekdays),
            "emergency_months": columns(rhythms.emergency_months, every=2),
        },
        nights=columns(portrait.length_of_stay.classes, every=3),
        trajectories=tuple(trajectory(one) for one in portrait.trajectories),
        occupancy=occupancy(portrait.occupancy),
        strips=tuple(strip(test) for test in portrait.laboratory.tests),
    )
