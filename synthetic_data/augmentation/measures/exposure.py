"""Measure what the row nearest to a patient tells about the patient: membership, cloaking."""

from dataclasses import dataclass

import numpy as np

from synthetic_data.augmentation.measures.distances import nearest
from synthetic_data.augmentation.measures.ranking import area_under_curve
from synthetic_data.augmentation.measures.trial import Trial


@dataclass(frozen=True, slots=True)
class Exposure:
    """What the row nearest to each patient gives away.

    `advantage` is that of an attacker who calls members the patients with a close released row: 2 AUC - 1, 0
    when no better than a coin, 1 when always right. `hidden` (avatar metrics, Guillaudeux 2023) is the share
    of members who are not the real patient closest to that row, `hidden_outsiders` the same for outsiders;
    `cloaking` the median number of real patients closer to it than the member. Avatars have an original each;
    these rows have none, so the row nearest to a patient stands for the patient's avatar, and outsiders say
    what chance gives.
    """

    advantage: float
    hidden: float
    hidden_outsiders: float
    cloaking: float


def exposure(trial: Trial) -> Exposure:
    """Attack one release."""
    people = np.vstack([trial.member_points, trial.outsider_points])
    members = len(trial.member_points)
    found = nearest(people, trial.released_points)
    distance = found.distances[:, 0]
    rows = trial.released_points[found.at[:, 0]]
    squares = (rows**2).sum(axis=1)[:, None] + (people**2).sum(axis=1) - 2 * rows @ people.T
    own = np.einsum("ij,ij->i", rows - people, rows - people)
    closer = (squares < own[:, None] - 1e-9).sum(axis=1)
    return Exposure(
        advantage=2 * area_under_curve(-distance[:members], -distance[members:]) - 1,
        hidden=float((closer[:members] > 0).mean()),
        hidden_outsiders=float((closer[members:] > 0).mean()),
        cloaking=float(np.median(closer[:members])),
    )
