"""Arrivals: within their bounds, in office hours for consultations, with the rhythm of the table."""

from datetime import UTC, datetime

import numpy as np
import pytest

from synthetic_data.facts.calendar import (
    ADMISSIONS,
    CONSULTATIONS,
    EMERGENCIES,
    day_weight,
    hour_weights,
    year_of,
)  # fmt: skip
from synthetic_data.facts.chance import dice, strata
from synthetic_data.facts.clock import DAY, day_of, minute_of, wall

START, NOW = (minute_of(datetime(year, 1, 1, tzinfo=UTC)) - 60 for year in (2023, 2024))


def drawn(profile, earliest, latest, count=20_000):
    luck = strata(dice(1, "calendar", 0), count)
    bounds = [np.full(count, bound) for bound in (earliest, latest)]
    return year_of(START, NOW).draw(np.full(count, profile), *bounds, luck)


@pytest.mark.parametrize("profile", [ADMISSIONS, CONSULTATIONS, EMERGENCIES])
def test_arrivals_are_between_the_bounds(profile):
    rng = np.random.default_rng(2)
    earliest = START + rng.integers(0, NOW - START, 5000)
    latest = earliest + rng.integers(0, 60 * DAY, 5000)
    latest = np.minimum(latest, NOW)
    found = year_of(START, NOW).draw(np.full(5000, profile), earliest, latest, rng.random(5000))
    assert (found >= earliest).all()
    assert (found <= np.maximum(earliest, latest)).all()


def test_consultations_stay_in_office_hours_even_on_the_days_that_a_bound_cuts():
    """From a Wednesday at 3 in the morning to a Friday at 21: no night, whatever the bounds."""
    bounds = ((14, 3), (16, 21))
    first, last = (minute_of(datetime(2023, 6, day, hour, tzinfo=UTC)) - 120 for day, hour in bounds)
    start = wall(drawn(CONSULTATIONS, first, last))
    hour = start % DAY // 60
    assert hour.min() >= 8
    assert hour.max() <= 17
    assert set(np.unique(start // DAY)) == {day_of(2023, 6, day) for day in (14, 15, 16)}


def test_between_bounds_without_any_chance_any_minute_may_come():
    """A Sunday: there is no consultation, and yet somebody who can be seen on no other day must be."""
    first = minute_of(datetime(2023, 6, 18, 6, tzinfo=UTC))
    found = drawn(CONSULTATIONS, first, first + 300)
    assert (found >= first).all()
    assert (found <= first + 300).all()


@pytest.mark.parametrize(
    ("profile", "name"),
    [(ADMISSIONS, "admissions"), (CONSULTATIONS, "consultations"), (EMERGENCIES, "urgences")],
)
def test_the_year_has_the_rhythm_of_the_table(profile, name):
    start = wall(drawn(profile, START, NOW))
    days = np.arange(day_of(2023, 1, 1), day_of(2024, 1, 1))
    weights = np.array([day_weight(name, int(day)) for day in days])
    by_month = days.astype("datetime64[D]").astype("datetime64[M]").astype(int)
    month = (start // DAY).astype("datetime64[D]").astype("datetime64[M]").astype(int)
    for one in np.unique(by_month):
        share = weights[by_month == one].sum() / weights.sum()
        assert (month == one).mean() == pytest.approx(share, abs=0.002)
    for weekday in range(7):
        share = weights[(days + 3) % 7 == weekday].sum() / weights.sum()
        assert ((start // DAY + 3) % 7 == weekday).mean() == pytest.approx(share, abs=0.002)
    hours = hour_weights(name) / hour_weights(name).sum()
    assert np.bincount(start % DAY // 60, minlength=24) / len(start) == pytest.approx(hours, abs=0.01)


@pytest.mark.parametrize("day", [(2023, 5, 1), (2023, 7, 14), (2023, 4, 10), (2024, 5, 9)])
def test_holidays_are_lived_as_sundays(day):
    sunday = np.arange(day_of(*day), day_of(*day) + 31)
    sunday = next(int(one) for one in sunday if (one + 3) % 7 == 6)
    assert day_weight("consultations", day_of(*day)) == 0
    same_month = np.datetime64(sunday, "D").astype(object).month == day[1]
    assert not same_month or day_weight("urgences", day_of(*day)) == day_weight("urgences", sunday)
