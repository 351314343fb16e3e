"""Where the ambulances of the SAMU 31 are at any minute: missions drawn vehicle by vehicle.

Time is cut into windows of five hours. In each, a vehicle leaves its base for a place nearby, takes somebody
to one of the two emergency departments and comes back, so that any minute can be asked for alone. Roads are
taken as straight lines: speeds are those along the line.
"""

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from synthetic_data.facts.chance import Dice, Floats, dice, draw
from synthetic_data.facts.units import EMERGENCY_SITES
from synthetic_data.tables import table
from synthetic_data.templating.columns import Ints

VEHICLES = table("ambulances")
STATES = (
    "Disponible à la base", "En route vers le lieu d'intervention", "Sur les lieux",
    "En route vers l'hôpital", "À l'hôpital", "Retour à la base", "Disponible à la base",
)  # fmt: skip
FASTEST = 85.0  # km/h on the longest ways
_SLOWEST = 35.0
_WINDOW = 300  # minutes
_BUSY = 0.85  # windows with a mission
_NEARBY = 12.0  # km: places farther than that are called for less and less
_OPEN_ROAD = 25.0  # km from which a way is mostly on open roads
_KM_PER_DEGREE = 111.2

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """Positions in degrees, and ranks in `STATES`, one row for each minute asked for."""

    latitude: Floats
    longitude: Floats
    state: Ints


@dataclass(frozen=True, slots=True)
class _Mission:
    """A window of one vehicle: minutes at which it changes state, and where it is then."""

    times: tuple[float, ...]
    points: tuple[Point, ...]


def track(seed: int, vehicle: int, minutes: Ints) -> Track:
    """Follow a vehicle (rank in ambulances.csv) over growing minutes since 1970."""
    latitude, longitude = np.empty(len(minutes)), np.empty(len(minutes))
    state = np.zeros(len(minutes), np.int64)
    window = minutes // _WINDOW
    for one in np.unique(window):
        rows = np.flatnonzero(window == one)
        mission = _mission(seed, vehicle, int(one))
        latitude[rows] = np.interp(minutes[rows], mission.times, [point[0] for point in mission.points])
        longitude[rows] = np.interp(minutes[rows], mission.times, [point[1] for point in mission.points])
        state[rows] = np.searchsorted(mission.times[1:-1], minutes[rows], side="right")
    return Track(latitude, longitude, state)


def kilometres(one: Point, other: Point) -> float:
    """Give the distance between two points of the region, on a plane."""
    north = (other[0] - one[0]) * _KM_PER_DEGREE
    east = (other[1] - one[1]) * _KM_PER_DEGREE * math.cos(math.radians((one[0] + other[0]) / 2))
    return math.hypot(north, east)


def _mission(seed: int, vehicle: int, window: int) -> _Mission:
    rng = dice(seed, f"ambulance {vehicle}", window)
    base = _point(VEHICLES[vehicle])
    start, end = window * _WINDOW, (window + 1) * _WINDOW
    if rng.random() >= _BUSY:
        return _Mission((start, *[end] * 6, end), (base,) * 8)
    scene, hospital = _scene(rng, base), _hospital(rng)
    lengths = [
        _minutes(base, scene), float(rng.integers(10, 31)), _minutes(scene, hospital),
        float(rng.integers(10, 26)), _minutes(hospital, base),
    ]  # fmt: skip
    leaves = start + rng.random() * (_WINDOW - sum(lengths))
    changes = np.concatenate([[leaves], leaves + np.cumsum(lengths)]).tolist()
    return _Mission((start, *changes, end), (base, base, scene, scene, hospital, hospital, base, base))


def _point(row: dict[str, str]) -> Point:
    return float(row["latitude"]), float(row["longitude"])


def _minutes(one: Point, other: Point) -> float:
    """Give how long a way takes: slow in town, faster on longer ways; none from a place to itself."""
    distance = kilometres(one, other)
    if distance == 0:
        return 0.0
    speed = _SLOWEST + (FASTEST - _SLOWEST) * (1 - math.exp(-distance / _OPEN_ROAD))
    return max(2.0, 60 * distance / speed)


def _scene(rng: Dice, base: Point) -> Point:
    """Draw where somebody needs help: near the base, rarely at the very same point."""
    places = table("interventions")
    weights = [float(row["poids"]) * math.exp(-kilometres(base, _point(row)) / _NEARBY) for row in places]
    latitude, longitude = _point(places[int(draw(weights, rng.random(1))[0])])
    return latitude + float(rng.uniform(-0.01, 0.01)), longitude + float(rng.uniform(-0.01, 0.01))


def _hospital(rng: Dice) -> Point:
    return _emergency_departments()[int(rng.integers(len(EMERGENCY_SITES)))]


@cache
def _emergency_departments() -> tuple[Point, ...]:
    by_site = {row["site"]: row for row in table("sites")}
    return tuple(_point(by_site[site]) for site in EMERGENCY_SITES)
