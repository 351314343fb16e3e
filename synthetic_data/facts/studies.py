"""Imaging examinations: MRI, CT and PET, shared exactly between the episodes that call for them."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from synthetic_data.facts.chance import Dice, Floats, dice, largest_remainder
from synthetic_data.facts.diagnoses import CODES
from synthetic_data.facts.episodes import Episodes
from synthetic_data.facts.health import admitted
from synthetic_data.facts.people import People
from synthetic_data.facts.volumes import share
from synthetic_data.plan import HospitalPlan
from synthetic_data.tables import ADULT, table
from synthetic_data.templating.columns import Flags, Ints

MODALITIES = ("MR", "CT", "PT")
ACTS = table("imagerie")
_QUANTITIES = ("irm", "scanner", "tep")
_OUTSIDE_INDICATION = 0.01
_LAST_RESORT = 1e-9  # any adult keeps a tiny weight so that the count can be met


@dataclass(frozen=True, slots=True, eq=False)
class Studies:
    """One row for each examination. `act`: rank in imagerie.csv; `started`: minutes since 1970."""

    episode: Ints
    modality: Ints
    act: Ints
    started: Ints

    def __len__(self) -> int:
        """Give the number of examinations."""
        return len(self.episode)


def draw_studies(plan: HospitalPlan, block: int, people: People, episodes: Episodes) -> Studies:
    """Draw the examinations of a block."""
    rng = dice(plan.seed, "studies", block)
    weights = _weights(people, episodes)
    of_modality = [np.array([row["modalite"] == one for row in ACTS]) for one in MODALITIES]
    parts, acts = [], []
    for chosen, quantity in zip(of_modality, _QUANTITIES, strict=True):
        total = weights[chosen].sum(axis=0) + _LAST_RESORT * _adult(people, episodes)
        luck = rng.exponential(1.0, len(episodes))
        wanted = largest_remainder(share(quantity, plan.patients, block), total * luck)
        rows = np.repeat(np.arange(len(episodes)), wanted)
        parts.append(rows)
        acts.append(_acts(rng, weights[chosen][:, rows], np.flatnonzero(chosen)))
    episode = np.concatenate(parts)
    modality = np.repeat(np.arange(len(MODALITIES)), [len(part) for part in parts])
    order = np.lexsort((modality, episode))
    episode = episode[order]
    length = np.minimum(episodes.end, plan.now_minute)[episode] - episodes.start[episode]
    started = episodes.start[episode] + (length * rng.uniform(0.1, 0.9, len(episode))).astype(np.int64)
    return Studies(episode, modality[order], np.concatenate(acts)[order], started)


def _adult(people: People, episodes: Episodes) -> Flags:
    return (people.age[episodes.person] >= ADULT) & ~_pregnancy()[episodes.diagnosis]


@cache
def _pregnancy() -> Flags:
    return np.array([code.startswith("O") for code in CODES])


@cache
def _indications() -> Floats:
    """Weigh each act for each diagnosis, shape (acts, diagnoses)."""
    return np.array(
        [
            [
                float(row["poids"])
                * (1.0 if code.startswith(tuple(row["indications"].split())) else _OUTSIDE_INDICATION)
                * (row["modalite"] == "MR" or not code.startswith("O"))  # nothing but MRI around a birth
                for code in CODES
            ]
            for row in ACTS
        ]
    )


def _weights(people: People, episodes: Episodes) -> Floats:
    """Weigh the acts each episode may lead to, shape (acts, episodes): PET for cancer only."""
    person = episodes.person
    weights = _indications()[:, episodes.diagnosis]
    cancer = people.health.state("cancer")[person]
    for rank, row in enumerate(ACTS):
        weights[rank] *= admitted(row, people.sex, people.age - 1, people.age)[person]
        if row["modalite"] == "PT":
            weights[rank] *= cancer
    return weights


def _acts(rng: Dice, weights: Floats, ranks: Ints) -> Ints:
    """Draw the act of each examination, weights of shape (acts, examinations)."""
    cumulated = np.cumsum(np.where(weights.sum(axis=0) > 0, weights, 1.0), axis=0)
    luck = rng.random(weights.shape[1]) * cumulated[-1]
    return ranks[(cumulated < luck).sum(axis=0).clip(0, len(ranks) - 1)]
