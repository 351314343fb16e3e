"""The verdict on growth from synthetic cells: valid measurements are judged, doubtful ones are not."""

from dataclasses import replace

import pytest
from synthetic_cells import PLAN, cells, contended

from lab.certification.growth import promise
from lab.model.words import Growth
from lab.scaling.cell import CELLS_FILE, read
from lab.scaling.judge import judge, recheck, wants_more
from lab.scaling.plan import PLAN_FILE

N_LOG_N = 1.1  # the slope that stands on the limit


def only(result):
    (one,) = result.interactions
    return one


def test_a_linear_law_conforms_and_its_contention_is_found():
    result = judge(PLAN, cells(contended))
    one = only(result)
    assert (one.law.growth, one.meets, result.meets, result.valid) == (Growth.LINEAR, True, True, True)
    assert one.concurrency.contention_low <= 0.1 <= one.concurrency.contention_high
    assert (result.counted, result.disturbed, result.fewest) == (40, 0, 5)
    assert promise(result).valid
    assert [one.met for one in promise(result).thresholds] == [True]


@pytest.mark.parametrize(
    ("at_most", "meets"), [(Growth.SUB_LINEAR, False), (Growth.LINEAR, False), (Growth.SUPER_LINEAR, True)]
)
def test_the_promise_decides(at_most, meets):
    result = judge(replace(PLAN, at_most=at_most), cells(lambda size, _: (size / 100) ** 2))
    assert (only(result).law.growth, result.meets) == (Growth.SUPER_LINEAR, meets)
    assert [one.met for one in promise(result).thresholds] == [meets]


def test_an_exponential_conforms_to_nothing_below_it():
    law = lambda size, _: 2 ** (size / 260)  # noqa: E731
    assert judge(replace(PLAN, at_most=Growth.SUPER_LINEAR), cells(law)).meets is False
    assert judge(replace(PLAN, at_most=Growth.EXPONENTIAL), cells(law)).meets is True


def test_what_straddles_the_limit_is_asked_again_then_said_to_be_unknown():
    played = cells(lambda size, _: size**N_LOG_N / 50, seed=3)
    result = judge(PLAN, played)
    assert only(result).law.growth is Growth.INDETERMINATE
    assert result.meets is None
    assert wants_more(PLAN, result)
    assert not wants_more(replace(PLAN, most_repetitions=5), result)
    said = promise(result)
    assert not said.valid
    assert "indeterminate" in said.invalid_reason.en


def test_a_straddled_limit_that_does_not_matter_leaves_the_promise_kept():
    result = judge(PLAN, cells(lambda size, _: size**0.5 / 5))
    assert only(result).law.growth is Growth.INDETERMINATE
    assert result.meets is True


def test_known_classes_want_no_more():
    assert not wants_more(PLAN, judge(PLAN, cells(contended)))
    assert wants_more(PLAN, judge(PLAN, cells(contended, repetitions=4)))


@pytest.mark.parametrize(
    ("flaws", "said"),
    [
        ({"wrong": 1}, "wrong answers"),
        ({"cpu": lambda _: 0.9}, "90 % of its core"),
        ({"gap": lambda _: 0.3}, "Little's law does not hold (ratio 1.30"),
        ({"control_ms": lambda repetition: repetition}, "not steady"),
    ],
)
def test_a_doubtful_measurement_is_invalid_not_a_class(flaws, said):
    result = judge(PLAN, cells(contended, **flaws))
    assert (only(result).meets, result.meets, result.valid) == (None, None, False)
    assert said in result.invalid_reason.en
    assert not promise(result).valid


def test_a_generator_at_its_limit_ends_the_law_of_throughput_only():
    result = judge(PLAN, cells(contended, cpu=lambda callers: 0.1 if callers < 8 else 0.95))
    one = only(result)
    assert one.meets is True
    assert one.concurrency.largest == 4
    few = only(judge(PLAN, cells(contended, cpu=lambda callers: 0.1 if callers < 4 else 0.95)))
    assert few.concurrency is None
    assert "95 % of its core" in few.concurrency_reason.en
    assert few.meets is True


def test_repetitions_beside_a_slow_control_are_left_out():
    slow = cells(contended, repetitions=6, control_ms=lambda repetition: 1.0 if repetition < 6 else 1.5)
    result = judge(PLAN, slow)
    assert (result.counted, result.disturbed, result.fewest) == (40, 8, 5)
    assert result.drift < 0.2
    quiet = judge(PLAN, [cell for cell in slow if cell.repetition < 6])
    assert only(result).law == only(quiet).law


def test_instances_of_one_size_are_no_sweep():
    result = judge(replace(PLAN, held=(2000,) * 5), cells(contended))
    assert (result.valid, result.meets) == (False, None)
    assert "share their data" in result.invalid_reason.en
    assert judge(replace(PLAN, held=(6, 12, 25, 51, 100)), cells(contended)).valid
    assert judge(replace(PLAN, held=(-1,) * 5), cells(contended)).valid


def test_nothing_measured_is_nothing_shown():
    result = judge(PLAN, ())
    assert (result.valid, result.meets, result.counted) == (False, None, 0)
    assert not promise(result).valid


def test_the_same_is_found_on_file_and_a_half_written_line_is_left_out(tmp_path):
    played = cells(contended)
    (tmp_path / PLAN_FILE).write_bytes(PLAN.to_json())
    lines = [cell.to_json() + b"\n" for cell in played]
    (tmp_path / CELLS_FILE).write_bytes(b"".join(lines))
    assert recheck(tmp_path) == judge(PLAN, played)
    (tmp_path / CELLS_FILE).write_bytes(b"".join(lines)[:-5])
    assert read(tmp_path / CELLS_FILE) == tuple(played[:-1])


def test_the_order_is_mixed_and_only_the_seed_decides():
    first, second = PLAN.order(1), PLAN.order(2)
    assert first == replace(PLAN).order(1)
    assert first != second
    assert sorted(map(str, first)) == sorted(map(str, second))
    assert [cell.size for cell in first if cell.size] != sorted(cell.size for cell in first if cell.size)
    assert replace(PLAN, seed=5).order(1) != first
