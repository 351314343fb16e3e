"""French national numbers by columns: form and key of the NIR (INS), Luhn key of the RPPS."""

import numpy as np
from numpy.typing import NDArray

from synthetic_data.verification.instants import Texts
from synthetic_data.verification.keys import Flags, Ints

_NIR = 15  # sex 1, year 2, month 2, department 2 or 3, commune 3 or 2, order 3, key 2
_OVERSEAS = (b"97", b"98")


def _characters(texts: Texts, width: int) -> NDArray[np.uint8]:
    return np.ascontiguousarray(texts.astype(f"S{width}")).view(np.uint8).reshape(len(texts), width)


def _part(texts: Texts, first: int, last: int) -> Texts:
    """Give the characters of a NIR from `first` to before `last`."""
    part: Texts = np.ascontiguousarray(_characters(texts, _NIR)[:, first:last]).view(f"S{last - first}")[:, 0]
    return part


def _value(character: NDArray[np.uint8]) -> Ints:
    digits = character.astype(np.int64) - ord("0")
    number: Ints = digits @ (10 ** np.arange(character.shape[1] - 1, -1, -1, dtype=np.int64))
    return number


def _corsican(texts: Texts) -> tuple[Flags, Flags]:
    department = _part(texts, 5, 7)
    return department == b"2A", department == b"2B"


def well_formed(texts: Texts) -> Flags:
    """Tell which texts are 15 digits, the seventh being perhaps the letter of a Corsican department."""
    character = _characters(texts, _NIR)
    digit = (character >= ord("0")) & (character <= ord("9"))
    south, north = _corsican(texts)
    digit[:, 6] |= south | north
    whole: Flags = digit.all(axis=1) & (np.char.str_len(texts) == _NIR)
    return whole


def right_key(texts: Texts) -> Flags:
    """Compare the key of well-formed numbers with 97 - n mod 97, where 2A is read as 19 and 2B as 18."""
    character = _characters(texts, _NIR).copy()
    for rows, read in zip(_corsican(texts), (b"19", b"18"), strict=True):
        character[rows, 5:7] = np.frombuffer(read, np.uint8)
    right: Flags = _value(character[:, 13:]) == 97 - _value(character[:, :13]) % 97
    return right


def is_out_of_reach(texts: Texts) -> Flags:
    """Tell which numbers have a commune that does not exist: 991 to 999, 91 to 99 overseas."""
    overseas = np.isin(_part(texts, 5, 7), _OVERSEAS)
    commune = np.where(
        overseas, _value(_characters(texts, _NIR)[:, 8:10]), _value(_characters(texts, _NIR)[:, 7:10])
    )
    return np.where(overseas, commune >= 91, commune >= 991)


def matches_birth(texts: Texts, gender: Texts, birth: Texts) -> Flags:
    """Compare sex, year and month (when the birth date tells) with those of the patient."""
    sex = _part(texts, 0, 1)
    same = ((sex == b"1") & (gender == b"male")) | ((sex == b"2") & (gender == b"female"))
    written = _characters(birth, 10)
    character = _characters(texts, _NIR)
    year = (character[:, 1:3] == written[:, 2:4]).all(axis=1)
    month = (character[:, 3:5] == written[:, 5:7]).all(axis=1) | (written[:, 5] == 0)
    return same & year & month


def right_luhn(texts: Texts) -> Flags:
    """Tell which numbers of 11 digits the Luhn rule accepts."""
    digits = _characters(texts, 11).astype(np.int64) - ord("0")
    digits[:, 1::2] *= 2  # every second digit from the right, the last one being the key
    right: Flags = (digits - 9 * (digits > 9)).sum(axis=1) % 10 == 0
    return right
