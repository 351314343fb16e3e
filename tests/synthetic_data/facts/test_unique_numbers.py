"""Numbers of the whole hospital: none given twice, and every key right by another computation."""

import numpy as np
import pytest

from synthetic_data.facts.block import Block
from synthetic_data.facts.people import MALE
from synthetic_data.facts.staff import professionals
from synthetic_data.facts.volumes import BLOCK
from synthetic_data.identifiers import opaques, rpps, visit_ranks
from synthetic_data.plan import END_OF_2023, MOST_PATIENTS, HospitalPlan
from synthetic_data.resources import encounters, patients
from synthetic_data.templating.fill import fill

PLAN = HospitalPlan(patients=450_000, now=END_OF_2023, recent=0)
BLOCKS = (0, 1, 2, 3, 111, 223, 224)


@pytest.fixture(scope="module")
def blocks():
    return [Block(PLAN, number) for number in BLOCKS]


def remainder(text: str) -> int:
    """Divide by 97 digit by digit, as one does by hand."""
    left = 0
    for character in text:
        left = (left * 10 + int(character)) % 97
    return left


def key_holds(ins: str) -> bool:
    """The number and its key make a multiple of 97; from 20, 2A takes 1,000,000 away and 2B 2,000,000."""
    plain, less = ins[:13], 0
    for letters, place in (("2A", 1_000_000), ("2B", 2_000_000)):
        if ins[5:7] == letters:
            plain, less = ins[:13].replace(letters, "20"), place
    return (remainder(plain) - less + int(ins[13:])) % 97 == 0


@pytest.mark.parametrize(
    ("nir", "key"), [("185052A004001", "81"), ("185052B033001", "14"), ("1234567890122", "12")]
)
def test_the_other_computation_agrees_with_known_numbers(nir, key):
    assert key_holds(nir + key)
    assert not key_holds(nir + f"{int(key) % 97 + 1:02}")


def test_every_ins_is_given_once_and_has_a_right_key(blocks):
    numbers = [
        bytes(row).decode() for block in blocks for row in block.identities.ins[block.identities.qualified]
    ]
    assert len(numbers) > 0.9 * BLOCK * len(BLOCKS)
    assert len(set(numbers)) == len(numbers)
    assert all(map(key_holds, numbers))


def test_every_ins_is_out_of_reach_and_of_its_patient(blocks):
    for block in blocks:
        months = block.people.birth.astype("datetime64[D]").astype("datetime64[M]").astype(str)
        for rank in np.flatnonzero(block.identities.qualified):
            ins = bytes(block.identities.ins[rank]).decode()
            assert ins[0] == ("1" if block.people.sex[rank] == MALE else "2")
            assert ins[1:5] == months[rank][2:4] + months[rank][5:7]
            assert ins[8:10] > "90" if ins[5:7] in {"97", "98"} else ins[7:10] > "990"


def test_ipp_are_unique_and_of_one_width(blocks):
    written = [
        text
        for block in blocks
        for rows in patients.rows(block)
        for text in rows.columns["ipp"].array.to_pylist()
    ]
    assert len(set(written)) == len(written) == BLOCK * len(BLOCKS)
    assert {len(text) for text in written} == {10}
    whole = opaques(np.arange(450_000), PLAN.seed)
    assert len(np.unique(whole)) == 450_000


def test_rpps_are_unique_with_a_right_luhn_key():
    numbers = [rpps(one.number) for one in professionals(450_000)]
    assert len(set(numbers)) == len(numbers)
    for number in numbers:
        doubled = [int(digit) * (1 + rank % 2) for rank, digit in enumerate(reversed(number))]
        assert sum(value - 9 * (value > 9) for value in doubled) % 10 == 0
        assert len(number) == 11


def test_visit_numbers_of_two_visits_never_meet():
    """Ranks of all the blocks a plan may have lie below the prime, and below it no two give one number."""
    most_blocks = -(-MOST_PATIENTS // BLOCK)
    last = visit_ranks(most_blocks - 1, np.array([149_999]))
    opaques(last, 7)  # there is room for the last visit of the last block
    firsts = [int(visit_ranks(block, np.array([0]))[0]) for block in range(most_blocks)]
    lasts = [int(visit_ranks(block, np.array([149_999]))[0]) for block in range(most_blocks)]
    assert all(last < first for last, first in zip(lasts, firsts[1:], strict=False))
    with pytest.raises(ValueError, match="rows below"):
        visit_ranks(0, np.array([150_000]))
    with pytest.raises(ValueError, match="ranks from 0"):
        opaques(np.array([999_999_937]), 7)


def test_visit_numbers_of_225_blocks_all_differ():
    ranks = np.concatenate([visit_ranks(block, np.arange(7000)) for block in range(225)])
    for seed in (0, 2024, 2**63 - 1):
        assert len(np.unique(opaques(ranks, seed))) == len(ranks)


def test_visit_numbers_are_written_on_one_width(blocks):
    written = [
        text
        for block in blocks[:2]
        for rows in encounters.rows(block)
        for text in rows.columns["visit_number"].array.to_pylist()
    ]
    assert len(set(written)) == len(written)
    assert {len(text) for text in written} == {9}
    assert f'"value":"{written[0]}"' in str(fill(next(encounters.rows(blocks[0])))[0])
