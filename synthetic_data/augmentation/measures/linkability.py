"""Attack by linking: two halves of a patient's record brought together through released rows."""

from synthetic_data.augmentation.arrays import Flags, Floats
from synthetic_data.augmentation.measures.distances import nearest
from synthetic_data.augmentation.measures.risk import excess_risk
from synthetic_data.augmentation.measures.trial import Trial

_NEIGHBOURS = 5


def linkability_risk(trial: Trial) -> float:
    """Give the excess share of members whose two halves (odd and even columns) have a near row in common."""
    half = trial.encoding.owner % 2 == 0
    released = trial.released_points
    count = min(_NEIGHBOURS, len(released))

    def linked(points: Floats) -> float:
        def around(side: Flags) -> Floats:
            return nearest(points[:, side], released[:, side], count).at.astype(float)

        first, second = around(half), around(~half)
        return float((first[:, :, None] == second[:, None, :]).any(axis=(1, 2)).mean())

    return excess_risk(linked(trial.member_points), linked(trial.outsider_points))
