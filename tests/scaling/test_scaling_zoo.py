"""Servers whose law is known, measured over real sockets by the real child processes: each gets its class."""

import pytest
from measuring import measured
from zoo import laws

from lab.model.words import Growth
from lab.scaling.judge import recheck


@pytest.fixture(scope="module")
def by_size(tmp_path_factory):
    folder = tmp_path_factory.mktemp("by-size")
    return folder, measured(laws.BY_SIZE, folder)


@pytest.mark.parametrize(
    ("law", "growth", "meets"),
    [
        ("constant", Growth.FLAT, True),
        ("linear_scan", Growth.LINEAR, True),
        ("quadratic_paging", Growth.SUPER_LINEAR, False),
        ("exponential", Growth.EXPONENTIAL, False),
    ],
)
def test_each_law_gets_its_class(by_size, law, growth, meets):
    _, result = by_size
    seen = {one.name: one for one in result.interactions}[law]
    assert seen.invalid_reason is None
    assert seen.law is not None
    assert (seen.law.growth, seen.meets) == (growth, meets), seen.law


def test_a_wrong_answer_is_never_timed(by_size):
    _, result = by_size
    wrong = {one.name: one for one in result.interactions}["fast_and_wrong"]
    assert (wrong.law, wrong.meets) == (None, None)
    assert wrong.errors == wrong.requests > 0
    assert wrong.invalid_reason is not None
    assert "unexpected body" in wrong.invalid_reason.en


def test_one_law_that_breaks_the_promise_breaks_it(by_size):
    _, result = by_size
    assert result.valid
    assert result.meets is False


def test_the_same_is_found_offline(by_size):
    folder, result = by_size
    assert recheck(folder) == result


def test_contention_is_found_where_it_is(tmp_path):
    sizes, callers = (20, 40, 80), (1, 2, 4, 8, 16)
    result = measured(laws.BY_CALLERS, tmp_path, sizes=sizes, concurrencies=callers, cell_s=0.15)
    seen = {one.name: one for one in result.interactions}
    law, free = (seen[name].concurrency for name in ("lock_contention", "no_contention"))
    assert law is not None, seen["lock_contention"].concurrency_reason
    assert free is not None, seen["no_contention"].concurrency_reason
    # What does not wait (our own way to the server and back) makes the planted share a little smaller.
    assert law.contention_low - 0.03 <= laws.CONTENTION <= law.contention_high + 0.03, law
    assert law.contention > free.contention + 0.03
    assert law.efficiency < 0.6 < free.efficiency
    assert law.largest == 16
    assert law.peak is None or law.peak <= 24
    assert law.knee is not None
    assert all(0.9 <= level.little <= 1.1 for one in seen.values() for level in one.levels)
