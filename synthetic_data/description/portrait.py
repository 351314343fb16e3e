"""All that the page and the terminal show of a folder."""

from dataclasses import dataclass

from synthetic_data.description.portraits.activity import Occupancy, Pole
from synthetic_data.description.portraits.ages import Pyramid
from synthetic_data.description.portraits.cohorts import CohortPortrait
from synthetic_data.description.portraits.identity import Identity
from synthetic_data.description.portraits.laboratory import LaboratoryPortrait
from synthetic_data.description.portraits.nights import LengthOfStay
from synthetic_data.description.portraits.reasons import Reasons
from synthetic_data.description.portraits.rhythms import Rhythms
from synthetic_data.description.portraits.samples import Sample
from synthetic_data.description.portraits.sources import Sources
from synthetic_data.description.portraits.trajectories import Trajectory


@dataclass(frozen=True, slots=True)
class Portrait:
    """One attribute for each section of the page."""

    identity: Identity
    pyramid: Pyramid
    rhythms: Rhythms
    length_of_stay: LengthOfStay
    reasons: Reasons
    laboratory: LaboratoryPortrait
    trajectories: tuple[Trajectory, ...]
    poles: tuple[Pole, ...]
    occupancy: Occupancy
    cohorts: tuple[CohortPortrait, ...]
    samples: tuple[Sample, ...]
    sources: Sources
