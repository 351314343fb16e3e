"""Dates and instants of FHIR, read by columns: 2023, 2023-06, 2023-06-15, 2023-06-15T10:00:00.5+02:00."""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from synthetic_data.verification.keys import Flags, Ints

Texts = NDArray[np.bytes_]
ABSENT = np.iinfo(np.int64).min
DAY = 86_400
_WIDTH = 35
_ZONE = 6  # +02:00
# What a date looks like once its digits are zeros. A year alone looks like any number: see `looks_like_date`.
_DATE = re.compile(rb"0000-00(-00(T00:00:00(\.0+)?(Z|[+-]00:00))?)?")
_YEAR_ELEMENTS = re.compile(r"(birthDate|date|start|end|.*Date|.*DateTime)$")
# Elements that hold any text: one that looks like a date need not be one.
_FREE_TEXT = re.compile(
    r"(id|value|display|text|div|code|version|reference|url|uri|name|title|line|description)$"
)


@dataclass(frozen=True, slots=True, eq=False)
class Instants:
    """A column of dates, each standing for its first second.

    `seconds` since 1970 UTC and `wall`, the same count on the clock of the place written (a date without zone
    counts as UTC): ABSENT where there is no text or where `valid` is false. `offset`: seconds ahead of UTC;
    `known`: number of characters, 4 for a year alone, 10 for a date, 0 where absent.
    """

    seconds: Ints
    wall: Ints
    offset: Ints
    known: Ints
    valid: Flags


def looks_like_date(element: str, zeroed: bytes) -> bool:
    """Tell whether a text, its digits made zeros, stands for a date in an element of this name."""
    if zeroed == b"0000":
        return _YEAR_ELEMENTS.match(element) is not None
    return _DATE.fullmatch(zeroed) is not None and _FREE_TEXT.match(element) is None


def read_instants(texts: Texts) -> Instants:
    """Read a column of texts; those that are no real date or instant are not `valid`."""
    rows = len(texts)
    byte = np.ascontiguousarray(texts.astype(f"S{_WIDTH}")).view(np.uint8).reshape(rows, _WIDTH)
    known = np.count_nonzero(byte, axis=1)
    digit = byte.astype(np.int16) - ord("0")
    year = digit[:, :4].astype(np.int64) @ np.array([1000, 100, 10, 1])
    month = np.where(known >= 7, _two(digit, 5), 1)
    day = np.where(known >= 10, _two(digit, 8), 1)
    timed = known >= 20
    hour, minute, second = (np.where(timed, _two(digit, place), 0) for place in (11, 14, 17))
    offset, zone_valid = _offsets(byte, digit, known, timed)
    valid = (
        (year >= 1) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= _month_length(year, month))
        & (hour <= 23) & (minute <= 59) & (second <= 59) & zone_valid & _punctuated(byte, known)
    )  # fmt: skip
    wall = _days(year, np.clip(month, 1, 12), day) * DAY + hour * 3600 + minute * 60 + second
    return Instants(
        seconds=np.where(valid, wall - offset, ABSENT),
        wall=np.where(valid, wall, ABSENT),
        offset=np.where(valid, offset, 0),
        known=known,
        valid=valid,
    )


def _two(digit: NDArray[np.int16], place: int) -> Ints:
    return digit[:, place].astype(np.int64) * 10 + digit[:, place + 1]


def _offsets(
    byte: NDArray[np.uint8], digit: NDArray[np.int16], known: Ints, timed: Flags
) -> tuple[Ints, Flags]:
    """Read the zone at the end of each text: seconds ahead of UTC, and whether it is a possible one."""
    last = np.where(timed, known, _ZONE)
    row = np.arange(len(byte))
    utc = byte[row, last - 1] == ord("Z")
    sign = byte[row, last - _ZONE]
    hours, minutes = (
        digit[row, last - at].astype(np.int64) * 10 + digit[row, last - at + 1] for at in (5, 2)
    )
    given = timed & ~utc
    possible = ((sign == ord("+")) | (sign == ord("-"))) & (hours <= 14) & (minutes <= 59)
    ahead = np.where(sign == ord("-"), -1, 1) * (hours * 3600 + minutes * 60)
    return np.where(given, ahead, 0), ~given | possible


def _punctuated(byte: NDArray[np.uint8], known: Ints) -> Flags:
    """Tell where the signs of a date stand at their places, and where its length is a possible one."""
    right = np.isin(known, (4, 7, 10)) | (known >= 20)
    for place, sign in ((4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")):
        right &= (known <= place) | (byte[:, place] == ord(sign))
    return right


def _month_length(year: Ints, month: Ints) -> Ints:
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    days = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])[np.clip(month, 0, 12)]
    return days + (leap & (month == 2))


def _days(year: Ints, month: Ints, day: Ints) -> Ints:
    """Count the days since 1970-01-01; the year is taken to begin in March, so that leap days come last."""
    since_march = year - (month <= 2)
    era_day = 365 * since_march + since_march // 4 - since_march // 100 + since_march // 400
    return era_day + (153 * ((month + 9) % 12) + 2) // 5 + day - 1 - 719_468
