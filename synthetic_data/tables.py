"""Read the distribution tables: CSV files a clinician can open and change."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

ADULT = 18


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """Give the rows of `distributions/<name>.csv`, all cells as text, an empty cell as an empty text."""
    source = files("synthetic_data") / "distributions" / f"{name}.csv"
    with source.open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines))


@cache
def proportion(name: str) -> float:
    """Give a share from 0 to 1 by its name in proportions.csv."""
    return next(float(row["valeur"]) for row in table("proportions") if row["nom"] == name)


def number(cell: str) -> float | None:
    """Read a cell that may be empty."""
    return float(cell) if cell else None


def admits(row: dict[str, str], sex: str, age: int) -> bool:
    """Tell whether a row restricted by `sexe`, `age_min` and `age_max` (years, included) accepts this person."""
    if row["sexe"] not in ("", sex):
        return False
    return int(row["age_min"] or 0) <= age <= int(row["age_max"] or 150)
