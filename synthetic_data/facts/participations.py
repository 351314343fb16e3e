"""Who takes part in which study (table etudes.csv): members of its cohort who agreed, never an opponent."""

from dataclasses import dataclass

import numpy as np

from synthetic_data.facts.block import Block
from synthetic_data.facts.cohorts import COHORTS
from synthetic_data.facts.diagnoses import starting_with
from synthetic_data.facts.journeys import NONE
from synthetic_data.tables import table
from synthetic_data.templating.columns import Flags, Ints

STUDIES = table("etudes")
STATUSES = ("on-study", "withdrawn", "off-study")
ON_STUDY, WITHDRAWN, OFF_STUDY = range(len(STATUSES))
_WITHDRAWS = 0.04
_SIGNING = 20  # minutes after the beginning of the encounter


@dataclass(frozen=True, slots=True, eq=False)
class Participations:
    """One row for each participation, by study then person.

    `study`: rank in etudes.csv; `episode`: encounter of the inclusion; `since`, `until`: minutes since 1970,
    `until` meaning nothing for those ON_STUDY; `status`: rank in `STATUSES`, OFF_STUDY for the deceased.
    """

    study: Ints
    person: Ints
    episode: Ints
    since: Ints
    until: Ints
    status: Ints

    def __len__(self) -> int:
        """Give the number of participations."""
        return len(self.person)


def participations(block: Block) -> Participations:
    """Draw who takes part; the same each time it is asked for."""
    rng = block.dice("participations")
    members = {one.name: one.belongs for one in COHORTS}
    opposed = np.zeros(len(block.people), bool)
    opposed[block.oppositions.person] = True
    parts = []
    for rank, row in enumerate(STUDIES):
        luck = rng.random(len(block.people))
        episode = _inclusion(block, starting_with(*row["cim10"].split()))
        chosen = members[row["cohorte"]](block) & ~opposed & (luck < float(row["part"])) & (episode != NONE)
        person = np.flatnonzero(chosen & (block.people.age > int(row["age_min"])))
        parts.append((np.full(len(person), rank), person, episode[person]))
    study, person, episode = (np.concatenate(column) for column in zip(*parts, strict=True))
    return _followed(block, study, person, episode)


def _inclusion(block: Block, codes: Flags) -> Ints:
    """Give, by person, the first encounter with one of these diagnoses, else the first one, else NONE."""
    episodes = block.episodes
    found = np.full(len(block.people), NONE)
    every = np.arange(len(episodes))[::-1]  # backwards, so that the first one is written last
    found[episodes.person[every]] = every
    matching = every[codes[episodes.diagnosis[every]]]
    found[episodes.person[matching]] = matching
    return found


def _followed(block: Block, study: Ints, person: Ints, episode: Ints) -> Participations:
    """Date the inclusions, and let some people withdraw before today or their death."""
    rng, now, episodes = block.dice("withdrawals"), block.plan.now_minute, block.episodes
    since = np.minimum(episodes.start[episode] + _SIGNING, np.minimum(episodes.end[episode], now))
    death = block.people.death[person]
    withdraws = rng.random(len(person)) < _WITHDRAWS
    left = since + (rng.random(len(person)) * (np.minimum(death, now) - since)).astype(np.int64)
    status = np.select([withdraws, death <= now], [WITHDRAWN, OFF_STUDY], ON_STUDY)
    until = np.select([withdraws, death <= now], [left, death], now)
    return Participations(study, person, episode, since, until, status)
