"""What the hard cases need of a life: where and when they are born and die, and what brings one back."""

from dataclasses import replace

import numpy as np

from synthetic_data.facts.clock import DAY
from synthetic_data.facts.hard_cast import TWINS, Cast
from synthetic_data.facts.health import DISEASES, Health, admitted
from synthetic_data.facts.journeys import NONE
from synthetic_data.tables import table
from synthetic_data.templating.columns import Ints

DYING = ("deces_a_l_hopital", "decede")
_DEPARTMENTS = {"corse_du_sud": "2A", "haute_corse": "2B", "corse_avant_1976": "2A", "ne_outre_mer": "974"}
_TEN = 10 * 60
_DAYS_AGO = {"deces_a_l_hopital": 75, "decede": 130}
_REASONS_TO_COME = ("dialyse", "cancer")


def played_births(cast: Cast, minute: Ints) -> Ints:
    """Let the twins be born in the morning, so that they have one birth date; `minute`: of the day."""
    played = minute.copy()
    played[cast.of(*TWINS)] = _TEN
    return played


def played_birth_places(cast: Cast, birth_commune: Ints) -> Ints:
    """Give the communes of birth with those of the parts; NONE abroad."""
    played = birth_commune.copy()
    departments = [row["departement"] for row in table("communes")]
    for part, department in _DEPARTMENTS.items():
        played[cast.of(part)] = departments.index(department)
    played[cast.of("ne_a_l_etranger")] = NONE
    return played


def played_deaths(cast: Cast, death: Ints, now: int, never: int) -> Ints:
    """Let the people of two parts die some months before `now`, and nobody else who plays."""
    played = death.copy()
    played[cast.everybody()] = never
    for part, days in _DAYS_AGO.items():
        played[cast.of(part)] = now - days * DAY - 7 * 60
    return played


def played_health(cast: Cast, health: Health, sex: Ints, age: Ints) -> Health:
    """Give the one with very many stays the diseases that bring people back: dialysis and cancer."""
    diseases = health.diseases.copy()
    for rank in cast.of("sejours_nombreux"):
        mine = slice(rank, rank + 1)
        for state in _REASONS_TO_COME:
            rows = [row for row, disease in enumerate(DISEASES) if disease["etat"] == state]
            if not diseases[rank, rows].any():
                fit = [row for row in rows if admitted(DISEASES[row], sex[mine], age[mine], age[mine])[0]]
                diseases[rank, fit[:1]] = True
    return replace(health, diseases=diseases) if np.any(diseases != health.diseases) else health
