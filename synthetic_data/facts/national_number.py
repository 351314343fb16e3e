"""The INS of patients: right keys, on numbers that nobody can hold, each given once.

In a NIR the birth place is a commune (or country) number from 001 to 990, 01 to 90 overseas. The nine numbers
above are out of reach, whatever the order number that follows. Each block of patients has order numbers of
its own, so that no two blocks can give the same number.
"""

import numpy as np

from synthetic_data.facts.journeys import NONE
from synthetic_data.facts.people import People
from synthetic_data.facts.volumes import block_count
from synthetic_data.plan import HospitalPlan
from synthetic_data.tables import table
from synthetic_data.templating.columns import Bytes, Flags, Ints, put_digits

_UNUSED_PLACES = 9
_ORDERS = 1000
_MOST_ORDERS = 8
_CORSICA_SINCE = 1976
_CORSICA = {"2A": 19, "2B": 18}
_ABROAD = "99"


def national_numbers(
    plan: HospitalPlan, block: int, people: People, birth_commune: Ints
) -> tuple[Bytes, Flags]:
    """Give the numbers, shape (people, 15), and who could be given one (nearly everybody)."""
    departments = [row["departement"] for row in table("communes")] + [_ABROAD]
    names, rank = np.unique(departments, return_inverse=True)
    department = rank[np.where(birth_commune == NONE, len(departments) - 1, birth_commune)]
    born = people.birth.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    year, month = 1970 + born // 12, born % 12 + 1
    # Numbers are told apart by what is written: 2A and 2B were one department, written 20, before 1976.
    corsica = int(np.searchsorted(names, min(_CORSICA)))
    old = np.isin(department, np.searchsorted(names, list(_CORSICA))) & (year < _CORSICA_SINCE)
    written = np.where(old, corsica, department)
    stem = (((people.sex * 100 + year % 100) * 12 + month - 1) * len(names) + written) * 2 + old
    turn = _rank_among_equals(stem)
    orders = min(_MOST_ORDERS, max(1, _ORDERS // block_count(plan.patients)))
    order = block * orders + turn // _UNUSED_PLACES
    free = (turn < orders * _UNUSED_PLACES) & (order < _ORDERS)
    place = 991 + turn % _UNUSED_PLACES
    matrix = np.empty((len(stem), 15), np.uint8)
    put_digits(matrix[:, :1], people.sex + 1)
    put_digits(matrix[:, 1:3], year % 100)
    put_digits(matrix[:, 3:5], month)
    _put_places(matrix, names, department, year, place)
    put_digits(matrix[:, 10:13], order % _ORDERS)
    put_digits(matrix[:, 13:], 97 - _value(matrix, names, department, year) % 97)
    return matrix, free


def _rank_among_equals(keys: Ints) -> Ints:
    order = np.argsort(keys, kind="stable")
    same = keys[order]
    first = np.concatenate([[True], same[1:] != same[:-1]])
    starts = np.maximum.accumulate(np.where(first, np.arange(len(keys)), 0))
    ranks = np.empty(len(keys), np.int64)
    ranks[order] = np.arange(len(keys)) - starts
    return ranks


def _put_places(matrix: Bytes, names: Ints, department: Ints, year: Ints, place: Ints) -> None:
    for rank, name in enumerate(names):
        for rows, text in _by_period(name, department == rank, year):
            matrix[rows, 5 : 5 + len(text)] = np.frombuffer(text.encode(), np.uint8)
            digits = np.empty((len(rows), 5 - len(text)), np.uint8)
            put_digits(digits, place[rows])
            matrix[rows, 5 + len(text) : 10] = digits


def _by_period(name: str, chosen: Flags, year: Ints) -> list[tuple[Ints, str]]:
    """Give the rows of a department and how it is written: Corsica was one department before 1976."""
    if name not in _CORSICA:
        return [(np.flatnonzero(chosen), name)]
    recent = year >= _CORSICA_SINCE
    return [(np.flatnonzero(chosen & recent), name), (np.flatnonzero(chosen & ~recent), "20")]


def _value(matrix: Bytes, names: Ints, department: Ints, year: Ints) -> Ints:
    """Give the number from which the key is computed: 2A is read as 19, 2B as 18."""
    digits = matrix[:, :13].astype(np.int64) - ord("0")
    for name, read in _CORSICA.items():
        for rows, text in _by_period(name, department == np.searchsorted(names, name), year):
            if text == name:
                digits[rows, 5:7] = divmod(read, 10)
    return digits @ 10 ** np.arange(12, -1, -1, dtype=np.int64)
