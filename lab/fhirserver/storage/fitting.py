"""Put the values of a parameter into the slot of a resource row, when that loses nothing of them."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from lab.fhirserver.storage.hot import WIDEST
from lab.fhirserver.storage.index_rows import Row

Tokens = tuple[tuple[str, str], ...]
"""A set of (code, system), sorted; what a coding does not say is an empty text."""


class Name(NamedTuple):
    """What a reference points to; ``type`` is empty when it is not here, and ``id`` is then a whole URL."""

    type: str
    id: str


def fitted(slot: str, found: list[Row]) -> Mapping[str, Any] | None:
    """Return the columns that hold all of the rows, of which there is one at least; None if none can."""
    return _FITTERS[slot.rstrip("123456789")](slot, found)


def _token(slot: str, found: list[Row]) -> Mapping[str, Any] | None:
    return {slot: _tokens(found)}


def _reference(slot: str, found: list[Row]) -> Mapping[str, Any] | None:
    code, system = found[0].code, found[0].system
    if code is None or system is None or any(row != found[0] for row in found):
        return None
    return {slot: Name(system, code)}


def _date(_: str, found: list[Row]) -> Mapping[str, Any] | None:
    low, high = found[0].low, found[0].high
    if low is None or high is None or high - low > WIDEST or any(row != found[0] for row in found):
        return None
    return {"low": low, "high": high}


def _quantity(_: str, found: list[Row]) -> Mapping[str, Any] | None:
    number = found[0].low
    if number is None or any(row.low != number or row.high != number for row in found):
        return None
    units = _tokens([row for row in found if row.code is not None])
    return {"number": number, "unit": units} if units else {"number": number}


_FITTERS: Mapping[str, Callable[[str, list[Row]], Mapping[str, Any] | None]] = {
    "token": _token,
    "reference": _reference,
    "date": _date,
    "quantity": _quantity,
}


def _tokens(rows: list[Row]) -> Tokens:
    return tuple(sorted({(row.code or "", row.system or "") for row in rows}))
