"""The agendas of the hospital: one for each consultation unit, in which several doctors receive at once."""

from synthetic_data.facts.units import UNITS

AGENDAS = tuple(rank for rank, unit in enumerate(UNITS) if unit["usage"] == "consultation")


def agenda_id(unit: dict[str, str]) -> str:
    """Give the id of the agenda of a unit."""
    return f"agenda-{unit['id'].rpartition('-')[2]}"
