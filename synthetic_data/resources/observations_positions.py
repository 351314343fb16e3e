"""Observation resources of the positions of the ambulances, every ten minutes of the last 24 hours."""

from collections.abc import Iterator

import numpy as np

from synthetic_data.facts.ambulances import STATES, VEHICLES, track
from synthetic_data.facts.clock import DAY, stamps
from synthetic_data.plan import HospitalPlan
from synthetic_data.resources.kind import Kind
from synthetic_data.resources.location_ambulances import PLACES, vehicle_id
from synthetic_data.templating.columns import Coded, Rows, digits, json_values

STEP = 10  # minutes


def rows(plan: HospitalPlan) -> Iterator[Rows]:
    """Give the positions, vehicle after vehicle."""
    minutes = np.arange(plan.now_minute - DAY, plan.now_minute + 1, STEP)
    tracks = [track(plan.seed, rank, minutes) for rank in range(len(VEHICLES))]
    vehicle = np.repeat(np.arange(len(VEHICLES)), len(minutes))
    latitude = np.concatenate([one.latitude for one in tracks])
    longitude = np.concatenate([one.longitude for one in tracks])
    yield Rows(
        "observation_position",
        len(vehicle),
        {
            "id": digits("pos-", np.arange(1, len(vehicle) + 1), 6),
            "vehicle": Coded(vehicle, [vehicle_id(row) for row in VEHICLES]),
            "name": Coded(vehicle, [row["nom"] for row in VEHICLES]),
            "effective": stamps(np.tile(minutes, len(VEHICLES))),
            "latitude": json_values(np.round(latitude, PLACES).tolist()),
            "longitude": json_values(np.round(longitude, PLACES).tolist()),
            "state": Coded(np.concatenate([one.state for one in tracks]), STATES),
        },
    )


KIND = Kind("Observation", order=88, family="positions", of_hospital=rows)
