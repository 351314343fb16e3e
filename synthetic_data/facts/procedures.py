"""Acts done during encounters (table actes.csv), as diagnosis, kind of encounter, sex and age call for.

The examinations of the imaging department have their own facts (`studies`).
"""

from dataclasses import dataclass
from functools import cache

import numpy as np

from synthetic_data.facts.chance import Dice, Floats, dice
from synthetic_data.facts.clock import DAY, HOUR, age_at, utc, wall
from synthetic_data.facts.diagnoses import DELIVERIES, starting_with
from synthetic_data.facts.episodes import CONSULTATION, EMERGENCY_VISIT, STAY, Episodes
from synthetic_data.facts.health import admitted
from synthetic_data.facts.journeys import NONE
from synthetic_data.facts.people import People
from synthetic_data.plan import HospitalPlan
from synthetic_data.tables import table
from synthetic_data.templating.columns import Flags, Ints

ACTS = table("actes")
_KINDS = {"sejour": STAY, "urgence": EMERGENCY_VISIT, "consultation": CONSULTATION}
_AT_ONCE, _BY_DAY, _BIRTH = "debut", "jour", "naissance"
_OPENS, _CLOSES = 8 * HOUR, 18 * HOUR


@dataclass(frozen=True, slots=True, eq=False)
class Procedures:
    """One row for each act, by episode then start. `act`: rank in actes.csv; times: minutes since 1970."""

    episode: Ints
    act: Ints
    start: Ints
    end: Ints

    def __len__(self) -> int:
        """Give the number of acts."""
        return len(self.episode)


def draw_procedures(plan: HospitalPlan, block: int, people: People, episodes: Episodes) -> Procedures:
    """Draw the acts of a block."""
    rng = dice(plan.seed, "procedures", block)
    episode, act = _chosen(rng, people, episodes)
    moment = np.array([row["moment"] for row in ACTS])[act]
    shortest, longest = np.array([[int(row["minutes_min"]), int(row["minutes_max"])] for row in ACTS]).T[
        :, act
    ]
    lasts = rng.integers(shortest, longest + 1)
    begin = episodes.start[episode]
    # What is known to have happened: nothing after `now`.
    until = np.minimum(episodes.end[episode], plan.now_minute)
    start = begin + (rng.uniform(0.05, 0.5, len(act)) * np.minimum(until - begin, 5 * HOUR)).astype(np.int64)
    by_day = moment == _BY_DAY
    start[by_day] = _opened(rng, start[by_day], (until - lasts)[by_day])
    birth = _births(people, episodes)[episode]
    born = (moment == _BIRTH) & (birth != NONE)
    start[born] = birth[born] - lasts[born]
    start = np.maximum(begin, np.minimum(start, until - lasts))
    end = np.minimum(start + lasts, until)
    order = np.lexsort((start, episode))
    order = order[(start <= end)[order] & (end <= until)[order]]
    return Procedures(episode[order], act[order], start[order], end[order])


def _chosen(rng: Dice, people: People, episodes: Episodes) -> tuple[Ints, Ints]:
    """Draw which acts each episode leads to; acts that share a `choix` exclude one another."""
    age = age_at(people.birth[episodes.person], episodes.start)
    sex = people.sex[episodes.person]
    groups: dict[str, tuple[Floats, Floats]] = {}
    parts = []
    for rank, row in enumerate(ACTS):
        luck, used = groups.get(row["choix"], (rng.random(len(episodes)), np.zeros(len(episodes))))
        eligible = (
            _indicated(rank)[episodes.diagnosis] & _venues(rank)[episodes.kind] & admitted(row, sex, age, age)
        )
        rows = np.flatnonzero(eligible & (luck >= used) & (luck < used + float(row["part"])))
        parts.append((rows, np.full(len(rows), rank)))
        if row["choix"]:
            groups[row["choix"]] = (luck, used + eligible * float(row["part"]))
    episode, act = (np.concatenate(column) for column in zip(*parts, strict=True))
    # Two rows of the table can give the same act to the same episode: once is enough.
    codes = np.array([row["libelle"] for row in ACTS])
    _, named = np.unique(codes, return_inverse=True)
    _, first = np.unique(episode * len(ACTS) + named[act], return_index=True)
    return episode[first], act[first]


@cache
def _indicated(rank: int) -> Flags:
    return starting_with(*ACTS[rank]["indications"].split())


@cache
def _venues(rank: int) -> Flags:
    kinds = [_KINDS[name] for name in ACTS[rank]["venue"].split()]
    return np.isin(np.arange(len(_KINDS)), kinds)


def _opened(rng: Dice, start: Ints, latest: Ints) -> Ints:
    """Move to the next morning what would begin outside the opening hours, if there is time left for it."""
    walls = wall(start)
    minute = walls % DAY
    morning = (
        walls - minute + np.where(minute >= _CLOSES, DAY, 0) + _OPENS + rng.integers(0, 4 * HOUR, len(start))
    )
    moved = utc(np.where((minute < _OPENS) | (minute >= _CLOSES), morning, walls))
    return np.where(moved <= latest, moved, start)


def _births(people: People, episodes: Episodes) -> Ints:
    """Give, by row, when the (last) child of a delivery was born, NONE for other encounters."""
    child = np.flatnonzero(episodes.mother != NONE)
    last = np.full(len(people), NONE)
    np.maximum.at(last, episodes.mother[child], people.seen_from[child])
    delivery = (episodes.kind == STAY) & starting_with(*DELIVERIES)[episodes.diagnosis]
    return np.where(delivery, last[episodes.person], NONE)
