"""PractitionerRole resources: everybody's post, then the emergency teams on duty at `now`.

The team present at `now` also holds a role with the period of its shift and the emergency Location.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from synthetic_data.facts.clock import DAY, HOUR, stamps, utc, wall
from synthetic_data.facts.staff import Professional, professionals, team_at
from synthetic_data.facts.units import EMERGENCY, EMERGENCY_SITES, UNITS
from synthetic_data.plan import HospitalPlan
from synthetic_data.resources.kind import Kind
from synthetic_data.tables import table
from synthetic_data.templating.columns import Column, Rows, digits, json_values, texts

_DAY_STARTS = 8 * HOUR
_WEEK = ("thu", "fri", "sat", "sun", "mon", "tue", "wed")  # 1970 began on a Thursday


def rows(plan: HospitalPlan) -> Iterator[Rows]:
    """Give the posts, then the duties."""
    people = professionals(plan.patients)
    yield Rows("practitioner_role", len(people), _post(people, 1))
    team = int(team_at(np.array([plan.now_minute]))[0])
    on_duty = [one for one in people if one.team == team]
    start, end = shift_walls(plan.now_minute)
    unit = dict(zip(EMERGENCY_SITES, EMERGENCY, strict=True))
    yield Rows(
        "practitioner_role_on_duty",
        len(on_duty),
        {
            **_post(on_duty, len(people) + 1),
            "start": stamps(utc(np.full(len(on_duty), start))),
            "end": stamps(utc(np.full(len(on_duty), end))),
            "location": texts(UNITS[unit[one.site]]["lieu"] for one in on_duty),
            "available_time": json_values([_available_time(start, end)] * len(on_duty)),
        },
    )


def shift_walls(minute: int) -> tuple[int, int]:
    """Give the wall times, in minutes, between which the shift in progress at an instant lasts."""
    now = int(wall(np.array([minute]))[0])
    start = (now - _DAY_STARTS) // (12 * HOUR) * 12 * HOUR + _DAY_STARTS
    return start, start + 12 * HOUR


def _post(people: Sequence[Professional], first: int) -> dict[str, Column]:
    labels = {row["code"]: row["libelle"] for row in table("specialites")}
    return {
        "id": digits("role-", np.arange(first, first + len(people)), 4),
        "practitioner": digits("prac-", np.array([one.number for one in people]), 4),
        "organization": texts(one.service for one in people),
        "function": texts(one.function for one in people),
        "function_label": texts(one.function_label for one in people),
        "specialty": texts(one.specialty for one in people),
        "specialty_label": texts(labels.get(one.specialty or "") for one in people),
    }


def _available_time(start: int, end: int) -> list[dict[str, Any]]:
    """Write the hours of a shift day by day; a night is an evening and the morning after."""
    if start // DAY == end // DAY:
        hours = [(start, _clock(start), _clock(end))]
    else:
        hours = [(start, _clock(start), "23:59:59"), (end, "00:00:00", _clock(end))]
    return [
        {
            "daysOfWeek": [_WEEK[day // DAY % 7]],
            "availableStartTime": first,
            "availableEndTime": last,
        }
        for day, first, last in hours
    ]


def _clock(minute: int) -> str:
    return f"{minute % DAY // HOUR:02}:{minute % HOUR:02}:00"


KIND = Kind("PractitionerRole", order=40, of_hospital=rows)
