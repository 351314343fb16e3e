"""Paris time over columns, without a time zone database, checked against the one of the machine."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthetic_data.facts.clock import (
    DAY,
    completed_years,
    dates,
    day_of,
    minute_of,
    offset,
    stamps,
    utc,
    wall,
)  # fmt: skip

PARIS = ZoneInfo("Europe/Paris")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The rule of today is in force since 1996; the database of the machine may not know beyond 2037.
_INSTANTS = st.datetimes(datetime(1996, 1, 1), datetime(2037, 12, 31)).map(lambda x: x.replace(tzinfo=UTC))  # noqa: DTZ001
_BIRTHS = st.dates(date(1900, 1, 1), date(2040, 1, 1))


def column(*values):
    return np.array(values, np.int64)


def of_wall(moment):
    """Give the minutes from 1970 to a wall time, read as if it were UTC."""
    return minute_of(moment.replace(tzinfo=UTC))


def test_offsets_are_those_of_the_time_zone_database_all_the_years_long():
    moments = [datetime(1996, 1, 1, tzinfo=UTC) + timedelta(hours=5 * step) for step in range(42 * 1753)]
    expected = [moment.astimezone(PARIS).utcoffset() // timedelta(minutes=1) for moment in moments]
    assert offset(minute_of(moments[0]) + 300 * np.arange(len(moments))).tolist() == expected


@given(_INSTANTS)
def test_any_instant_is_written_as_a_clock_in_paris_shows_it(moment):
    moment = moment.replace(second=0, microsecond=0)
    minutes = column(minute_of(moment))
    assert stamps(minutes).array.to_pylist() == [moment.astimezone(PARIS).isoformat()]
    assert wall(minutes).tolist() == [of_wall(moment.astimezone(PARIS))]


@given(st.integers(1996, 2037), st.sampled_from([3, 10]), st.integers(-180, 180))
def test_wall_times_around_the_changes_are_read_as_python_reads_them(year, month, away):
    """The hour skipped in March is winter time, the hour repeated in October summer time: `fold=0`."""
    change = max(date(year, month, day) for day in range(25, 32) if date(year, month, day).weekday() == 6)
    moment = datetime(change.year, change.month, change.day, 2, 30) + timedelta(minutes=away)  # noqa: DTZ001
    expected = minute_of(moment.replace(tzinfo=PARIS, fold=0).astimezone(UTC))
    assert utc(column(of_wall(moment))).tolist() == [expected]


@given(_INSTANTS)
def test_reading_a_wall_time_gives_back_its_instant(moment):
    minutes = column(minute_of(moment))
    back = int(utc(wall(minutes))[0])
    repeated = offset(minutes - 60)[0] > offset(minutes)[0]  # the second of the two hours of October
    assert back == minutes[0] - (60 if repeated else 0)


@pytest.mark.parametrize(
    ("written", "instant"),
    [
        ("2023-03-26T01:59:00+01:00", datetime(2023, 3, 26, 0, 59, tzinfo=UTC)),
        ("2023-03-26T03:00:00+02:00", datetime(2023, 3, 26, 1, 0, tzinfo=UTC)),
        ("2023-10-29T02:59:00+02:00", datetime(2023, 10, 29, 0, 59, tzinfo=UTC)),
        ("2023-10-29T02:00:00+01:00", datetime(2023, 10, 29, 1, 0, tzinfo=UTC)),
        ("2024-02-29T00:00:00+01:00", datetime(2024, 2, 28, 23, 0, tzinfo=UTC)),
    ],
)
def test_the_hours_around_the_changes_are_written_with_their_offset(written, instant):
    assert stamps(column(minute_of(instant))).array.to_pylist() == [written]


def test_missing_instants_and_empty_columns():
    minutes = column(0, 60)
    assert stamps(minutes, np.array([False, True])).array.to_pylist() == [None, "1970-01-01T02:00:00+01:00"]
    assert len(stamps(column()).array) == len(dates(column()).array) == 0


@given(st.lists(_BIRTHS, min_size=1, max_size=8))
def test_dates_are_written_in_their_order(days):
    ranks = column(*(day_of(day.year, day.month, day.day) for day in days))
    assert dates(ranks).array.to_pylist() == [day.isoformat() for day in days]


def naive_age(birth, day):
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def ages(birth, day):
    ranks = [column((one - date(1970, 1, 1)).days) for one in (birth, day)]
    return int(completed_years(*ranks)[0])


@given(_BIRTHS, st.integers(0, 50_000))
def test_ages_are_completed_years(birth, lived):
    day = birth + timedelta(days=lived)
    assert ages(birth, day) == naive_age(birth, day)


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (date(2000, 2, 29), date(2001, 2, 28), 0),
        (date(2000, 2, 29), date(2001, 3, 1), 1),
        (date(2000, 2, 29), date(2004, 2, 28), 3),
        (date(2000, 2, 29), date(2004, 2, 29), 4),
        (date(1999, 12, 31), date(2023, 12, 30), 23),
        (date(1999, 12, 31), date(2023, 12, 31), 24),
        (date(1930, 1, 1), date(1970, 1, 1), 40),
    ],
)
def test_birthdays_of_leap_days_and_of_the_end_of_the_year(birth, day, age):
    assert ages(birth, day) == naive_age(birth, day) == age


def test_a_day_has_one_number():
    assert day_of(1970, 1, 1) == 0
    assert day_of(2023, 6, 15) * DAY == minute_of(datetime(2023, 6, 15, tzinfo=UTC))
