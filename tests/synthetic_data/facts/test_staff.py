"""Emergency teams: shifts change at 8 and 20 in Paris, teams take turns, doctors fit the unit."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from synthetic_data import HospitalPlan
from synthetic_data.facts.clock import minute_of
from synthetic_data.facts.staff import DOCTOR, TEAMS, on_post, professionals, team_at
from synthetic_data.facts.units import EMERGENCY, EMERGENCY_SITES, UNITS
from synthetic_data.resources.practitioner_roles import rows, shift_walls
from synthetic_data.templating.fill import fill


def wall_minute(year, month, day, hour):
    return minute_of(datetime(year, month, day, hour, tzinfo=UTC))


@pytest.mark.parametrize(
    ("now", "start", "end", "days"),
    [
        (datetime(2023, 6, 15, 7, tzinfo=UTC), (15, 8), (15, 20), '["thu"]'),
        (datetime(2023, 6, 15, 6, 0, tzinfo=UTC), (15, 8), (15, 20), '["thu"]'),
        (datetime(2023, 6, 15, 5, 59, tzinfo=UTC), (14, 20), (15, 8), '["wed"]'),
        (datetime(2023, 6, 15, 20, tzinfo=UTC), (15, 20), (16, 8), '["thu"]'),
        (datetime(2023, 6, 15, 1, tzinfo=UTC), (14, 20), (15, 8), '["wed"]'),
    ],
)
def test_shifts_change_at_8_and_20(now, start, end, days):
    assert shift_walls(minute_of(now)) == (wall_minute(2023, 6, *start), wall_minute(2023, 6, *end))
    _, duty = rows(HospitalPlan(now=now))
    for text in fill(duty).to_pylist():
        assert f'"daysOfWeek":{days}' in text
        assert f'"period":{{"start":"2023-06-{start[0]:02}T{start[1]:02}:00:00+02:00"' in text


@pytest.mark.parametrize("first", [datetime(2023, 3, 24, tzinfo=UTC), datetime(2023, 10, 27, tzinfo=UTC)])
def test_the_team_changes_with_each_shift_whatever_the_clock_does(first):
    """Over four days around each change of the clock, minute by minute."""
    minutes = minute_of(first) + np.arange(4 * 1440)
    team = team_at(minutes)
    shifts = np.array([shift_walls(int(minute))[0] for minute in minutes])
    changes = np.flatnonzero(np.diff(team))
    assert (changes == np.flatnonzero(np.diff(shifts))).all()
    assert len(changes) == 8
    assert ((team[changes] + 1) % TEAMS == team[changes + 1]).all()


def test_teams_take_turns_and_everybody_works_both_days_and_nights_over_the_weeks():
    noon = datetime(2023, 6, 15, 12, tzinfo=UTC)
    moments = np.array([minute_of(noon + timedelta(hours=12 * rank)) for rank in range(8)])
    assert sorted(team_at(moments[:4]).tolist()) == [0, 1, 2, 3]
    assert (team_at(moments[:4]) == team_at(moments[4:])).all()


@pytest.mark.parametrize("patients", [1, 1000, 450_000])
def test_numbers_follow_one_another_and_fit_an_identifier(patients):
    people = professionals(patients)
    assert [one.number for one in people] == list(range(1, len(people) + 1))
    assert len(people) < 10_000
    assert {one.site for one in people if one.team is not None} == set(EMERGENCY_SITES)
    teams = Counter((one.site, one.team) for one in people if one.team is not None)
    assert len(teams) == 2 * TEAMS
    assert len(set(teams.values())) == 1


def test_doctors_belong_to_the_service_or_to_the_team_on_duty(blocks):
    for block in blocks[:1]:
        people = professionals(block.plan.patients)
        service = np.array([one.service for one in people])
        team = np.array([-1 if one.team is None else one.team for one in people])
        doctor, unit = block.doctors - 1, block.episodes.unit
        parents = np.array([row["parent"] for row in UNITS])
        assert {people[rank].profession for rank in np.unique(doctor)} == {DOCTOR}
        assert (service[doctor] == parents[unit]).all()
        emergency = np.isin(unit, EMERGENCY)
        assert (team[doctor[emergency]] == team_at(block.episodes.start[emergency])).all()
        assert (team[doctor[~emergency]] == -1).all()
        for site, rank in enumerate(EMERGENCY):
            doctors = on_post(block.plan.patients, "urgentiste")[site]
            assert np.isin(block.doctors[unit == rank], doctors).all()


def test_the_work_is_shared(blocks):
    """No doctor of a service takes all its patients."""
    block = blocks[0]
    for unit in np.unique(block.episodes.unit):
        doctors = block.doctors[block.episodes.unit == unit]
        if len(doctors) > 100:
            assert np.bincount(doctors).max() < 0.6 * len(doctors), UNITS[unit]["id"]
