"""The arithmetic under the checks: instants, runs, keys, distances, national numbers, clocks."""

import calendar
import random
from datetime import UTC, date, datetime

import numpy as np
import pytest

from synthetic_data.verification.distances import cramers_v, kolmogorov_smirnov, luck_of_d, luck_of_v
from synthetic_data.verification.instants import read_instants
from synthetic_data.verification.keys import read_key, spell
from synthetic_data.verification.national_numbers import is_out_of_reach, right_key, right_luhn, well_formed
from synthetic_data.verification.paris import paris_offset
from synthetic_data.verification.people import completed_years
from synthetic_data.verification.runs import first_missing, outside, runs_of, union


def instants(*texts):
    return read_instants(np.array([text.encode() for text in texts]))


def test_every_day_of_four_centuries():
    rng = random.Random(4)  # noqa: S311
    days = [
        date.fromordinal(rng.randrange(date(1900, 1, 1).toordinal(), date(2300, 1, 1).toordinal()))
        for _ in range(2000)
    ]
    seen = instants(*(day.isoformat() for day in days))
    assert seen.valid.all()
    assert (seen.wall // 86_400).tolist() == [day.toordinal() - date(1970, 1, 1).toordinal() for day in days]


def test_months_end_when_they_do():
    for year in (1900, 2000, 2023, 2024):
        for month in range(1, 13):
            last = calendar.monthrange(year, month)[1]
            assert instants(
                f"{year}-{month:02}-{last:02}", f"{year}-{month:02}-{last + 1:02}"
            ).valid.tolist() == [True, False]


@pytest.mark.parametrize(
    "text",
    [
        "2023-06-15T10:00:00+02:00",
        "2023-06-15T10:00:00Z",
        "2023-06-15T10:00:00.123Z",
        "1969-12-31T23:59:59-05:30",
    ],
)
def test_instants_are_those_of_the_standard_library(text):
    assert instants(text).seconds.tolist() == [
        int(datetime.fromisoformat(text).replace(microsecond=0).timestamp())
    ]


@pytest.mark.parametrize(
    "text",
    ["0000", "2023-00", "2023-06-00", "2023-06-15T24:00:00Z", "2023-06-15T10:60:00Z", "2023-06-15T10:00:60Z",
     "2023-06-15T10:00:00+15:00", "2023-06-15T10:00:00+02:60", "2023-06-15T10:00", "2023/06/15", "20"],
)  # fmt: skip
def test_what_is_no_date(text):
    assert not instants(text).valid[0]


def test_a_date_known_in_part():
    seen = instants("1945", "1945-03", "")
    assert seen.known.tolist() == [4, 7, 0]
    assert seen.valid.tolist() == [True, True, False]


def test_runs():
    numbers = np.array([5, 3, 4, 4, 9, 10, 1])
    runs, repeated = runs_of(numbers)
    assert runs.tolist() == [[1, 1], [3, 5], [9, 10]]
    assert repeated.tolist() == [4]
    whole, shared = union([runs, np.array([[2, 2], [10, 12]])])
    assert whole.tolist() == [[1, 5], [9, 12]]
    assert shared.tolist() == [10]
    assert outside(np.array([[1, 4], [5, 6], [20, 20]]), whole).tolist() == [[5, 6], [20, 20]]
    assert first_missing(np.array([5, 6]), whole) == 6


def test_runs_of_random_numbers_are_their_set():
    rng = np.random.default_rng(7)
    for _ in range(50):
        numbers = rng.integers(0, 60, rng.integers(1, 40))
        runs, repeated = runs_of(numbers)
        assert [n for first, last in runs.tolist() for n in range(first, last + 1)] == sorted(
            set(numbers.tolist())
        )
        assert len(repeated) == len(numbers) - len(set(numbers.tolist()))


@pytest.mark.parametrize(
    "text", ["Encounter/enc-0012-000345", "Organization/org-chu", "Patient/pat-0000000", "X/" + "9" * 20]
)
def test_keys_can_be_spelt_back(text):
    assert spell(*read_key(text.encode())) == text


def test_distances():
    law = np.array([1.0, 1, 2])
    assert cramers_v(np.array([25.0, 25, 50]), law) == 0
    assert cramers_v(np.array([100.0, 0]), np.array([1.0, 1])) == pytest.approx(1)
    assert kolmogorov_smirnov(np.array([50.0, 0, 50]), law) == pytest.approx(0.25)


def test_luck_is_what_draws_show():
    rng = np.random.default_rng(1)
    law = np.ones(10) / 10
    draws = rng.multinomial(1000, law, 4000).astype(float)
    beyond = np.mean([cramers_v(one, law) > luck_of_v(1000, 10) for one in draws])
    assert 0.0001 < beyond < 0.004
    assert np.mean([kolmogorov_smirnov(one, law) > luck_of_d(1000) for one in draws]) < 0.004


def test_keys_of_national_numbers():
    # 2 55 08 14 168 025: the example of the public description of the NIR, key 38.
    texts = np.array([b"255081416802538", b"255081416802539", b"25508141680253", b"2550814A6802538"])
    assert well_formed(texts).tolist() == [True, True, False, False]
    assert right_key(texts[:2]).tolist() == [True, False]
    places = [b"255081499102538", b"255081499002538", b"255089749102538", b"255089749002538"]
    assert is_out_of_reach(np.array(places)).tolist() == [True, False, True, False]
    assert right_luhn(np.array([b"79927398713", b"79927398710"])).tolist() == [True, False]


def test_clock_changes_of_2023():
    days = [(3, 26, 0, 59, 59), (3, 26, 1), (10, 29, 0, 59, 59), (10, 29, 1)]
    moments = [datetime(2023, *day, tzinfo=UTC) for day in days]
    seconds = np.array([int(moment.timestamp()) for moment in moments])
    assert (paris_offset(seconds) // 3600).tolist() == [1, 2, 2, 1]


def test_birthdays():
    def day(text):
        return np.array(text, "datetime64[D]").astype(np.int64)

    born, now = (
        day(["2000-02-29", "2000-02-29", "2000-06-15"]),
        day(["2023-02-28", "2023-03-01", "2023-06-15"]),
    )
    assert completed_years(born, now).tolist() == [22, 23, 23]
