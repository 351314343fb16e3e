"""Hold what was measured of the release and of its three controls."""

from dataclasses import dataclass
from typing import Literal

from synthetic_data.augmentation.measures.fidelity import Fidelity
from synthetic_data.augmentation.measures.privacy import Privacy

Name = Literal["augmented", "bootstrap", "shuffled", "truth"]
NAMES: tuple[Name, ...] = ("augmented", "bootstrap", "shuffled", "truth")


@dataclass(frozen=True, slots=True)
class Figures:
    """Fidelity of all four, privacy of all but the shuffled rows, for a cohort of `patients`."""

    patients: int
    fidelity: dict[Name, Fidelity]
    privacy: dict[Name, Privacy]
