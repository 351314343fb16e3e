"""The specialty of each unit as columns, with the labels of the national list (TRE_R38)."""

from synthetic_data.facts.units import UNITS
from synthetic_data.tables import table
from synthetic_data.templating.columns import Coded, Column, Ints


def specialties(unit: Ints) -> dict[str, Column]:
    """Give the columns of rows by unit."""
    labels = {row["code"]: row["libelle"] for row in table("specialites")}
    codes = [row["specialite"] or None for row in UNITS]
    return {
        "specialty": Coded(unit, codes),
        "specialty_label": Coded(unit, [labels[code] if code else None for code in codes]),
    }
