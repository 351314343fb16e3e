"""Signals of intensive care: one value a minute in the first hours of each passage, with events.

Each signal returns slowly to what is usual for the person and the diagnosis (a first-order autoregression);
an event (a drop of saturation, of pressure) moves the three together for some minutes.
"""

from dataclasses import dataclass

import numpy as np

from synthetic_data.facts.chance import Dice, Floats, dice
from synthetic_data.facts.clock import HOUR
from synthetic_data.facts.episodes import Episodes
from synthetic_data.facts.movements import INTENSIVE, Movements
from synthetic_data.facts.norms import DIASTOLIC, HEART, SATURATION, SYSTOLIC, usual_signs
from synthetic_data.facts.people import People
from synthetic_data.facts.vitals import own_deviation
from synthetic_data.plan import HospitalPlan
from synthetic_data.templating.columns import Flags, Ints

HOURS = 12  # recorded at the beginning of each passage
RATE, PRESSURE, OXYGEN = range(3)
_MEMORY = np.array([0.97, 0.96, 0.95])  # from one minute to the next
_NOISE = np.array([1.1, 1.0, 0.3])
_LIMITS = np.array([(30, 210), (35, 150), (70, 100)])
_EVENTS = 4  # at most, in each recording
_EVENT = 0.6  # chance of each
_EFFECT = np.array([22.0, -16.0, -7.0])  # of an event at its height
_LOST = 0.004  # of the points: the sensor gives nothing


@dataclass(frozen=True, slots=True, eq=False)
class Monitoring:
    """One row for each hour of each passage. `passage`: row in the movements; `start`: minutes since 1970;
    `points`: (hours, signals, 60); `lost`: same shape, points that the sensor did not give.
    """  # noqa: D205 - one sentence after the other

    passage: Ints
    start: Ints
    points: Ints
    lost: Flags

    def __len__(self) -> int:
        """Give the number of hours."""
        return len(self.passage)


def draw_monitoring(
    plan: HospitalPlan, block: int, people: People, episodes: Episodes, movements: Movements
) -> Monitoring:
    """Draw the recordings of a block: only hours that are over, and spent in intensive care."""
    rng = dice(plan.seed, "monitoring", block)
    passages = np.flatnonzero(movements.unit == INTENSIVE)
    signals = _recorded(rng, _targets(plan, block, people, episodes, movements, passages))
    hours = signals.reshape(len(passages), HOURS, HOUR, 3).transpose(0, 1, 3, 2)
    start = movements.start[passages][:, None] + HOUR * np.arange(HOURS)
    until = np.minimum(movements.end[passages], plan.now_minute)[:, None]
    passage, hour = np.nonzero(start + HOUR <= until)
    points = hours[passage, hour]
    return Monitoring(passages[passage], start[passage, hour], points, rng.random(points.shape) < _LOST)


def _targets(
    plan: HospitalPlan, block: int, people: People, episodes: Episodes, movements: Movements, passages: Ints
) -> Floats:
    """Give what each signal returns to, shape (passages, signals)."""
    stay = movements.stay[passages]
    person = episodes.person[stay]
    usual = usual_signs(people, episodes, stay, movements.start[passages])
    usual *= 1 + own_deviation(plan, block, people)[person]
    mean = (usual[:, SYSTOLIC] + 2 * usual[:, DIASTOLIC]) / 3
    # Under oxygen and vasopressors, the worst is partly corrected.
    return np.stack(
        [usual[:, HEART], np.maximum(mean, 62.0), np.clip(usual[:, SATURATION] + 3, 88.0, 98.0)], axis=1
    )


def _recorded(rng: Dice, targets: Floats) -> Ints:
    """Draw the minutes, shape (passages, minutes, signals)."""
    minutes = HOURS * HOUR
    deviations = rng.standard_normal((minutes, *targets.shape)) * _NOISE
    deviations[0] /= np.sqrt(1 - _MEMORY**2)  # spread from the start as much as later
    for minute in range(1, minutes):  # each depends on the one before
        deviations[minute] += _MEMORY * deviations[minute - 1]
    signals = targets[:, None, :] + deviations.transpose(1, 0, 2)
    signals += _events(rng, len(targets), minutes)[:, :, None] * _EFFECT
    return np.rint(np.clip(signals, *_LIMITS.T)).astype(np.int64)


def _events(rng: Dice, passages: int, minutes: int) -> Floats:
    """Give how strong the events are, minute by minute: from 0 to about 1, a bell in time."""
    when = rng.uniform(0, minutes, (passages, _EVENTS, 1))
    width = rng.uniform(2, 8, (passages, _EVENTS, 1))
    height = rng.uniform(0.4, 1, (passages, _EVENTS, 1)) * (rng.random((passages, _EVENTS, 1)) < _EVENT)
    return (height * np.exp(-(((np.arange(minutes) - when) / width) ** 2) / 2)).max(axis=1, initial=0.0)
