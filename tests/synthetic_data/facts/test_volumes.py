"""Volumes: the published year in proportion, exact to the unit, at any size; blocks share them exactly."""

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthetic_data.facts.volumes import CORE, YEAR, block_count, members_of, share, totals

PUBLISHED = {
    "sejours": 306_823,
    "consultations": 974_212,
    "irm": 37_128,
    "scanner": 84_633,
    "tep": 5_967,
    "analyses": 6_844_262,
}
SIZES = [1, 2, 449, 450, 1000, 1999, 2000, 2001, 4500, 45_000, 450_000, 900_001, 9_999_999]


def half_up(number: Fraction) -> int:
    return floor(number + Fraction(1, 2))


def shared(patients: int) -> dict[str, int]:
    """Split the rounded sum of the six published counts by largest remainder, with exact fractions."""
    exact = {name: Fraction(count * patients, 450_000) for name, count in PUBLISHED.items()}
    parts = {name: floor(number) for name, number in exact.items()}
    left = half_up(sum(exact.values(), Fraction())) - sum(parts.values())
    for name in sorted(CORE, key=lambda name: parts[name] - exact[name])[:left]:
        parts[name] += 1
    return parts


def test_the_published_counts_are_those_of_the_whole_hospital():
    assert {name: totals(450_000)[name] for name in CORE} == PUBLISHED
    assert totals(450_000)["urgences"] == 195_000
    assert totals(450_000)["patients"] == 450_000
    assert totals(450_000) == YEAR


@pytest.mark.parametrize("patients", SIZES)
def test_the_six_counts_are_the_largest_remainder_shares_of_their_sum(patients):
    found = {name: totals(patients)[name] for name in CORE}
    assert found == shared(patients)
    for name, count in found.items():
        assert abs(count - Fraction(PUBLISHED[name] * patients, 450_000)) < 1


@pytest.mark.parametrize("patients", SIZES)
def test_the_other_counts_are_rounded(patients):
    others = set(totals(patients)) - set(CORE)
    assert others >= {"urgences", "naissances", "patients"}
    for name in others:
        assert totals(patients)[name] == half_up(Fraction(YEAR[name] * patients, 450_000))


@pytest.mark.parametrize("patients", [size for size in SIZES if size <= 450_000])
def test_shares_of_blocks_sum_up(patients):
    assert sum(len(members_of(patients, block)) for block in range(block_count(patients))) == patients
    for quantity, total in totals(patients).items():
        parts = [share(quantity, patients, block) for block in range(block_count(patients))]
        assert sum(parts) == total
        assert min(parts) >= 0
        full = parts[:-1] or parts
        assert max(full) - min(full) <= 1  # full blocks have the same share, to the unit


@given(st.integers(1, 9_999_999), st.sampled_from([*CORE, "urgences", "naissances"]))
def test_members_of_blocks_follow_one_another_at_any_size(patients, quantity):
    last = block_count(patients) - 1
    assert members_of(patients, 0).start == 0
    assert members_of(patients, last).stop == patients
    assert len(members_of(patients, last)) >= 1
    if last:
        assert members_of(patients, last).start == members_of(patients, last - 1).stop
    assert 0 <= share(quantity, patients, last) <= totals(patients)[quantity]
