"""Paris time without a time zone database, checked against the one of the machine when it has one."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from synthetic_data.clock import at, local, stamp

PARIS = ZoneInfo("Europe/Paris")


def test_offsets_are_those_of_the_time_zone_database():
    moment = datetime(2015, 1, 1, tzinfo=UTC)
    while moment.year < 2035:
        assert local(moment).utcoffset() == moment.astimezone(PARIS).utcoffset(), moment
        moment += timedelta(hours=7)


@pytest.mark.parametrize(
    ("day", "hour", "written"),
    [
        (date(2023, 3, 25), 9, "2023-03-25T09:00:00+01:00"),
        (date(2023, 3, 26), 9, "2023-03-26T09:00:00+02:00"),
        (date(2023, 3, 26), 2, "2023-03-26T03:00:00+02:00"),
        (date(2023, 10, 29), 1, "2023-10-29T01:00:00+02:00"),
        (date(2023, 10, 29), 3, "2023-10-29T03:00:00+01:00"),
    ],
)
def test_wall_times_around_the_changes(day, hour, written):
    assert stamp(at(day, hour)) == written
