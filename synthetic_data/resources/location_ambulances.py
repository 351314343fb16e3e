"""Location resources of the ambulances, each at its position of `now`."""

from collections.abc import Iterator

import numpy as np

from synthetic_data.facts.ambulances import VEHICLES, track
from synthetic_data.plan import HospitalPlan
from synthetic_data.resources.kind import Kind
from synthetic_data.templating.columns import Rows, json_values, texts

PLACES = 5  # decimals of a degree: about a metre


def rows(plan: HospitalPlan) -> Iterator[Rows]:
    """Give the ambulances."""
    now = np.array([plan.now_minute])
    tracks = [track(plan.seed, rank, now) for rank in range(len(VEHICLES))]
    yield Rows(
        "location_ambulance",
        len(VEHICLES),
        {
            "id": texts(vehicle_id(row) for row in VEHICLES),
            "number": texts(row["vehicule"] for row in VEHICLES),
            "name": texts(row["nom"] for row in VEHICLES),
            "description": texts(f"{row['modele']}, base de {row['base']}" for row in VEHICLES),
            "latitude": json_values(round(float(one.latitude[0]), PLACES) for one in tracks),
            "longitude": json_values(round(float(one.longitude[0]), PLACES) for one in tracks),
        },
    )


def vehicle_id(row: dict[str, str]) -> str:
    """Give the id of a row of the table."""
    return f"loc-smur-{row['vehicule']}"


KIND = Kind("Location", order=24, family="ambulances", of_hospital=rows)
