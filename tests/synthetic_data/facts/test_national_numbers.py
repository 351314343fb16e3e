"""The INS: right key, agrees with the person, held by nobody, given once in the whole hospital."""

from types import SimpleNamespace

import numpy as np
import pytest

from synthetic_data import HospitalPlan
from synthetic_data.facts.clock import day_of
from synthetic_data.facts.identities import COMMUNES, draw_identities
from synthetic_data.facts.journeys import NONE
from synthetic_data.facts.national_number import national_numbers
from synthetic_data.facts.people import FEMALE, MALE, draw_people
from synthetic_data.plan import END_OF_2023


def texts(matrix):
    return [bytes(row).decode("ascii") for row in matrix]


def key_holds(number):
    """Number plus key is a multiple of 97; Corsica is read as 19 (2A) or 18 (2B), and nowhere else."""
    body = number[:5] + {"2A": "19", "2B": "18"}.get(number[5:7], number[5:7]) + number[7:13]
    return (int(body) + int(number[13:])) % 97 == 0 and 1 <= int(number[13:]) <= 97


def numbers_of(patients, *blocks):
    """Give the INS that are given out in some blocks of a hospital, with their people."""
    plan = HospitalPlan(patients=patients, now=END_OF_2023)
    for block in blocks:
        people = draw_people(plan, block)
        known = draw_identities(plan, block, people, np.full(len(people), NONE))
        rows = np.flatnonzero(known.qualified)
        yield people, known, rows, texts(known.ins[rows])


def given(department, sex, year, count=1, block=0, patients=4500):
    """Give numbers to people born in a department (None: abroad) in one month."""
    people = SimpleNamespace(sex=np.full(count, sex), birth=np.full(count, day_of(year, 4, 2)))
    place = next((rank for rank, row in enumerate(COMMUNES) if row["departement"] == department), NONE)
    matrix, free = national_numbers(HospitalPlan(patients=patients), block, people, np.full(count, place))
    return [number for number, has in zip(texts(matrix), free, strict=True) if has]


def test_numbers_agree_with_the_person_and_nobody_can_hold_them(blocks):
    checked = 0
    for block in blocks:
        people, known = block.people, block.identities
        born = people.birth.astype("datetime64[D]").astype(str)
        for row in np.flatnonzero(known.qualified):
            number = bytes(known.ins[row]).decode("ascii")
            assert len(number) == 15
            assert key_holds(number), number
            assert number[0] == {MALE: "1", FEMALE: "2"}[int(people.sex[row])]
            assert number[1:5] == born[row][2:4] + born[row][5:7]
            commune = known.birth_commune[row]
            department = "99" if commune == NONE else COMMUNES[commune]["departement"]
            written = number[5 : 5 + len(department)]
            corsica_once = department in ("2A", "2B") and born[row] < "1976"
            assert written == ("20" if corsica_once else department)
            place = number[5 + len(department) : 10]
            assert int(place) > (90 if len(place) == 2 else 990)
            checked += 1
    assert checked > 3500


@pytest.mark.parametrize(
    ("patients", "blocks"),
    [(4500, (0, 1, 2)), (450_000, (0, 1, 111, 223, 224)), (9_999_999, (0, 1, 400, 999))],
)
def test_no_two_blocks_give_the_same_number(patients, blocks):
    found = [number for *_, numbers in numbers_of(patients, *blocks) for number in numbers]
    assert len(set(found)) == len(found) > 0.8 * len(blocks) * min(2000, patients / len(blocks))
    assert all(map(key_holds, found))


def test_one_birth_month_can_fill_without_giving_a_number_twice():
    found = [n for block in range(3) for n in given("31", FEMALE, 1990, count=500, block=block)]
    assert len(set(found)) == len(found)
    assert all(map(key_holds, found))
    assert 3 * 8 * 9 >= len(found) > 100


@pytest.mark.parametrize(
    ("year", "department", "stem"),
    [(1990, "31", "1900431991"), (1990, None, "1900499991"), (1975, "31", "1750431991")],
)
def test_the_department_is_written_as_the_registers_do(year, department, stem):
    (number,) = given(department, MALE, year)
    assert number.startswith(stem)
    assert key_holds(number)


@pytest.mark.parametrize(("year", "stem"), [(1975, "17504209"), (1976, "176042A9")])
def test_corsica_was_one_department_until_1975(monkeypatch, year, stem):
    table = [{"departement": "2A"}, {"departement": "2B"}, {"departement": "974"}]
    monkeypatch.setattr("synthetic_data.facts.national_number.table", lambda _name: table)
    people = SimpleNamespace(sex=np.array([MALE] * 3), birth=np.full(3, day_of(year, 4, 2)))
    matrix, free = national_numbers(HospitalPlan(), 0, people, np.array([0, 1, 2]))
    first, second, overseas = texts(matrix)
    assert free.all()
    assert first.startswith(stem)
    assert second.startswith(stem.replace("2A", "2B"))
    assert overseas.startswith(f"1{year % 100}0497491")
    assert all(map(key_holds, (first, second, overseas)))
