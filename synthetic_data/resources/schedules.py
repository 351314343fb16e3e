"""Schedule resources: the agenda of each consultation unit, over the year and the sixty days to come."""

from collections.abc import Iterator

import numpy as np

from synthetic_data.facts.agendas import AGENDAS, agenda_id
from synthetic_data.facts.appointments import HORIZON
from synthetic_data.facts.clock import DAY, stamps, utc, wall
from synthetic_data.facts.units import UNITS
from synthetic_data.plan import HospitalPlan
from synthetic_data.resources.kind import Kind
from synthetic_data.resources.specialties import specialties
from synthetic_data.templating.columns import Rows, texts


def rows(plan: HospitalPlan) -> Iterator[Rows]:
    """Give the agendas."""
    units = [UNITS[rank] for rank in AGENDAS]
    first_day = wall(np.array([plan.start_minute])) // DAY
    yield Rows(
        "schedule",
        len(units),
        {
            "id": texts(agenda_id(unit) for unit in units),
            "number": texts(unit["id"].rpartition("-")[2] for unit in units),
            "location": texts(unit["lieu"] for unit in units),
            "name": texts(unit["nom"] for unit in units),
            "start": stamps(np.repeat(utc(first_day * DAY), len(units))),
            "end": stamps(np.full(len(units), plan.now_minute + HORIZON)),
            **specialties(np.array(AGENDAS)),
        },
    )


KIND = Kind("Schedule", order=46, of_hospital=rows)
