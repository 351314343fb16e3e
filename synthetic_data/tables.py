"""Read the distribution tables: CSV files a clinician can open and change."""

import csv
from functools import cache
from importlib.resources import files

ADULT = 18


@cache
def table(name: str) -> tuple[dict[str, str], ...]:
    """Give the rows of `distributions/<name>.csv`, all cells as text, an empty cell as an empty text."""
    source = files("synthetic_data") / "distributions" / f"{name}.csv"
    return tuple(csv.DictReader(source.read_text(encoding="utf-8").splitlines()))


@cache
def proportion(name: str) -> float:
    """Give a share from 0 to 1 by its name in proportions.csv."""
    return next(float(row["valeur"]) for row in table("proportions") if row["nom"] == name)


def number(cell: str) -> float | None:
    """Read a cell that may be empty."""
    return float(cell) if cell else None


def admits(row: dict[str, str], sex: str, age: int) -> bool:
    """Tell whether a row limited by `sexe`, `age_min` and `age_max` (years, included) accepts a person."""
    if row["sexe"] not in ("", sex):
        return False
    return int(row["age_min"] or 0) <= age <= int(row["age_max"] or 150)
