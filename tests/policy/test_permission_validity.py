"""When a Permission holds: whole days of UTC, both ends included, never longer than what is written."""

from datetime import date, timedelta

import pytest
from sample_permissions import compiled, r5, refusals


@pytest.mark.parametrize(
    ("start", "end", "first", "last"),
    [
        ("2026-01-15", "2026-12-31", date(2026, 1, 15), date(2026, 12, 31)),
        ("2026-01-15T00:00:00Z", "2026-12-31T23:59:59Z", date(2026, 1, 15), date(2026, 12, 31)),
        ("2026-01-15T00:00:01Z", "2026-12-31T23:59:58Z", date(2026, 1, 16), date(2026, 12, 30)),
        ("2026-01-15T00:00:00+01:00", "2026-12-31T23:59:59.999+01:00", date(2026, 1, 15), date(2026, 12, 30)),
        ("2026-01-15T23:00:00-05:00", "2026-12-31T18:59:59-05:00", date(2026, 1, 17), date(2026, 12, 31)),
    ],
)
def test_both_days_are_included_and_times_are_rounded_inwards(start, end, first, last):
    policy = compiled(r5(validity={"start": start, "end": end}))
    day = timedelta(days=1)
    held = [policy.in_force(when) for when in (first - day, first, last, last + day)]
    assert held == [False, True, True, False]


@pytest.mark.parametrize(
    ("validity", "held"),
    [({"start": "2026-06-01"}, [False, True, True]), ({"end": "2026-06-01"}, [True, True, False])],
)
def test_a_validity_may_be_open(validity, held):
    days = (date(2026, 5, 31), date(2026, 6, 1), date(2026, 6, 2))
    assert [compiled(r5(validity=validity)).in_force(day) for day in days] == held


@pytest.mark.parametrize("status", ["draft", "entered-in-error", "rejected"])
def test_only_an_active_permission_is_in_force(status):
    assert not compiled(r5(status=status)).in_force(date(2026, 6, 1))


@pytest.mark.parametrize("status", ["Active", "on-hold", "", None])
def test_an_unknown_status_is_refused(status):
    assert "Permission.status" in refusals(r5(status=status))


@pytest.mark.parametrize(
    "text",
    [
        *("2026", "2026-06", "01/06/2026", "2026-02-30", "2026-06-01T", "2026-06-01T10:00", "2026-W01-1"),
        *("2026-06-01T10:00:00", "2026-06-01T25:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+01:00"),
    ],
)
def test_what_is_no_full_date_is_refused(text):
    for end in ("start", "end"):
        assert f"Permission.validity.{end}" in refusals(r5(validity={end: text}))


@pytest.mark.parametrize(
    ("start", "end"),
    [("2026-06-02", "2026-06-01"), ("2026-06-01T08:00:00Z", "2026-06-01T18:00:00Z")],
)
def test_a_validity_of_no_whole_day_is_refused(start, end):
    assert "no whole day" in refusals(r5(validity={"start": start, "end": end}))["Permission.validity"].en
