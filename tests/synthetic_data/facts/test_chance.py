"""Keyed randomness: a stream for each seed, subject and block; strata, draws, exact shares."""

import ast
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import synthetic_data
from synthetic_data.facts.chance import dice, draw, largest_remainder, strata

PACKAGE = Path(synthetic_data.__file__).parent
_SOME = st.lists(st.floats(0, 100), min_size=1, max_size=20).filter(lambda weights: sum(weights) > 1e-6)
_WEIGHTS = st.lists(st.floats(0, 1e6), min_size=1, max_size=40)


def numbers(seed, subject, block):
    return dice(seed, subject, block).integers(0, 2**63, 50).tolist()


def test_a_stream_is_known_by_its_key_alone_whatever_was_drawn_before():
    alone = numbers(2023, "births", 7)
    dice(2023, "births", 6).random(1000)
    dice(2023, "visits", 7).random(1000)
    assert numbers(2023, "births", 7) == alone


def test_another_seed_subject_or_block_gives_another_stream():
    """The trap: with (seed, block) alone as the key, all subjects would draw the same numbers."""
    keys = [
        (seed, subject, block)
        for seed in (0, 7, 2023, 2**63 - 1)
        for subject in "abc"
        for block in (0, 1, 224)
    ]
    streams = [tuple(numbers(*key)) for key in keys]
    assert len(set(streams)) == len(keys)
    assert len({number for stream in streams for number in stream}) == 50 * len(keys)


def test_streams_of_subjects_and_neighbouring_blocks_are_not_correlated():
    streams = np.array(
        [dice(7, subject, block).random(20_000) for subject in ("births", "visits") for block in range(3)]
    )
    others = np.corrcoef(streams) - np.eye(len(streams))
    assert np.abs(others).max() < 5 / np.sqrt(20_000)


def test_each_subject_of_the_code_has_a_stream_that_nothing_else_uses():
    """Two modules that chose the same word would draw the same numbers: their facts would be tied."""
    subjects: dict[str, set[str]] = {}
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and _name(node.func) == "dice":
                for word in node.args:
                    if isinstance(word, ast.Constant) and isinstance(word.value, str):
                        subjects.setdefault(word.value, set()).add(f"{path.name}:{node.lineno}")
    assert len(subjects) >= 10
    assert not {word: places for word, places in subjects.items() if len(places) > 1}
    first = {word: dice(1, word, 0).integers(0, 2**63) for word in subjects}
    assert len(set(first.values())) == len(subjects)


def _name(function):
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


@given(st.integers(1, 500), st.integers(0, 100))
def test_strata_put_one_number_in_each_interval(count, block):
    luck = strata(dice(1, "strata", block), count)
    assert sorted((luck * count).astype(int)) == list(range(count))
    assert 0 <= luck.min() <= luck.max() < 1


def test_no_stratum_is_no_number():
    assert len(strata(dice(1, "strata", 0), 0)) == 0


@given(_SOME, st.integers(1, 2000))
def test_a_law_drawn_from_strata_has_its_shares_to_the_unit(weights, count):
    places = draw(weights, strata(dice(3, "law", 0), count))
    shares = np.array(weights) / sum(weights) * count
    assert np.abs(np.bincount(places, minlength=len(weights)) - shares).max() < 2


def test_a_weight_of_nothing_is_never_drawn():
    places = draw([0.0, 2.0, 0.0, 1.0, 0.0], np.linspace(0, 1, 1001)[:-1])
    assert set(places.tolist()) == {1, 3}


@given(st.integers(0, 100_000), _WEIGHTS)
def test_shares_by_largest_remainder_are_exact_and_in_proportion(total, weights):
    parts = largest_remainder(total, weights)
    assert parts.sum() == total
    known = np.array(weights)
    exact = total * known / known.sum() if known.sum() > 0 else np.full(len(known), total / len(known))
    assert np.abs(parts - exact).max() < 1
    # No part rounded down had a larger remainder than one rounded up.
    remainder, up = exact - np.floor(exact), parts > np.floor(exact)
    if up.any() and not up.all():
        assert remainder[up].min() >= remainder[~up].max() - 1e-6


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (5, [0, 0, 0], [2, 2, 1]),
        (3, [1, 1, 1, 1], [1, 1, 1, 0]),
        (10, [1.5, 1.5], [5, 5]),
        (0, [3, 4], [0, 0]),
        (7, [0, 1], [0, 7]),
    ],
)
def test_equal_remainders_go_to_the_first(total, weights, parts):
    assert largest_remainder(total, weights).tolist() == parts
