"""The professionals: doctors of each service, emergency teams, who is on duty when, who is in charge.

Emergency teams take 12-hour shifts (8 h - 20 h, 20 h - 8 h) in turn.
"""

from dataclasses import dataclass
from functools import cache
from itertools import count

import numpy as np

from synthetic_data.facts.chance import Dice
from synthetic_data.facts.clock import DAY, HOUR, wall
from synthetic_data.facts.units import EMERGENCY, EMERGENCY_SITES, UNITS
from synthetic_data.facts.volumes import YEAR
from synthetic_data.tables import table
from synthetic_data.templating.columns import Ints

DOCTOR = "10"
TEAMS = 4
_POST = {"code": "praticien", "fonction": "Praticien hospitalier", "profession": DOCTOR, "civilite": "DR"}
_FEWEST_DOCTORS, _MOST_DOCTORS = 4, 60  # of a service, in a small hospital and in the whole one
_DAY_STARTS, _SHIFT = 8 * HOUR, 12 * HOUR
_FIRST_DAY = 719_163  # 1970-01-01 as days from the year 1: shifts keep their order over the years


@dataclass(frozen=True, slots=True)
class Professional:
    """One practitioner. `team` is the rank of the emergency team, None outside the emergency units."""

    number: int
    service: str
    function: str
    function_label: str
    profession: str
    title: str | None
    specialty: str | None
    site: str
    team: int | None


@cache
def professionals(patients: int) -> tuple[Professional, ...]:
    """Give all the professionals of a hospital of that size, emergency teams first."""
    doctors = max(_FEWEST_DOCTORS, min(_MOST_DOCTORS, round(_MOST_DOCTORS * patients / YEAR["patients"])))
    numbers = count(1)
    emergency = [
        _professional(next(numbers), post, UNITS[unit]["parent"], post["specialite"], site, team)
        for site, unit in zip(EMERGENCY_SITES, EMERGENCY, strict=True)
        for team in range(TEAMS)
        for post in table("equipes")
        for _ in range(int(post["effectif"]))
    ]
    taken = {one.service for one in emergency}
    others = [
        _professional(next(numbers), _POST, row["id"], row["specialite"], row["site"], None)
        for row in table("structures")
        if row["type"] == "SERVICE" and row["id"] not in taken
        for _ in range(doctors)
    ]
    return (*emergency, *others)


def _professional(
    number: int, post: dict[str, str], service: str, specialty: str, site: str, team: int | None
) -> Professional:
    return Professional(
        number=number,
        service=service,
        function=post["code"],
        function_label=post["fonction"],
        profession=post["profession"],
        title=post["civilite"] or None,
        specialty=specialty or None,
        site=site,
        team=team,
    )


def team_at(minutes: Ints) -> Ints:
    """Give the rank of the emergency team on duty at each instant."""
    day, minute = np.divmod(wall(minutes) - _DAY_STARTS, DAY)
    return (2 * (day + _FIRST_DAY) + (minute >= _SHIFT)) % TEAMS


@cache
def _of_service(patients: int) -> tuple[Ints, Ints]:
    """Give, by unit, the first doctor of its service and how many there are; numbers are 1 and up."""
    of_service: dict[str, list[int]] = {}
    for one in professionals(patients):
        if one.profession == DOCTOR and one.team is None:
            of_service.setdefault(one.service, []).append(one.number)
    ranges = [of_service.get(unit["parent"], [1]) for unit in UNITS]
    first = np.array([numbers[0] for numbers in ranges])
    return first, np.array([len(numbers) for numbers in ranges])


@cache
def on_post(patients: int, function: str) -> Ints:
    """Give the numbers of the emergency staff of one function, shape (sites, teams, people)."""
    return np.array(
        [
            [
                [one.number for one in professionals(patients)
                 if one.function == function and one.site == site and one.team == team]
                for team in range(TEAMS)
            ]
            for site in EMERGENCY_SITES
        ]
    )  # fmt: skip


def in_charge(rng: Dice, patients: int, unit: Ints, start: Ints) -> Ints:
    """Give the doctor in charge: of the team on duty in an emergency unit, or of the service."""
    first, size = _of_service(patients)
    luck = rng.random(len(unit))
    chosen = first[unit] + (luck * size[unit]).astype(np.int64)
    for site, emergency in enumerate(EMERGENCY):
        rows = np.flatnonzero(unit == emergency)
        team = on_post(patients, "urgentiste")[site][team_at(start[rows])]
        chosen[rows] = team[np.arange(len(rows)), (luck[rows] * team.shape[1]).astype(np.int64)]
    return chosen
