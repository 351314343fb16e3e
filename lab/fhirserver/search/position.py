"""``near`` of Location: within a distance of a place, ``latitude|longitude|distance|unit``.

Spec: https://hl7.org/fhir/R4/location.html#search
"""

import re

from lab.fhir.response import FhirError
from lab.fhirserver.search.criterion import Alternative
from lab.fhirserver.search.values import split, unescape
from lab.fhirserver.sql import Sql

_DECIMAL = re.compile(r"-?\d{1,9}(?:\.\d{1,20})?", re.ASCII)
_METRES = {"km": 1000.0, "m": 1.0, "[mi_us]": 1609.347, "[mi_i]": 1609.344, "[nmi_i]": 1852.0}
_DEFAULT = ("50", "km")
_DEGREE = 111_000.0  # metres of one degree of latitude, rounded down


def near(value: str, _modifier: str | None, _: object) -> Alternative:
    """Read a place; without a distance, near is within 50 km, without a unit the distance is in km."""
    parts = [unescape(part) for part in split(value, "|")]
    latitude, longitude, distance, unit = (*parts, *_DEFAULT[len(parts) - 2 :])[:4] if _fits(parts) else _NONE
    numbers = (latitude, longitude, distance)
    if not all(_DECIMAL.fullmatch(number) for number in numbers) or unit not in _METRES:
        raise FhirError(400, "invalid", "A place is written latitude|longitude|distance|unit, unit km or m.")
    north, east, far = float(latitude), float(longitude), float(distance) * _METRES[unit]
    if abs(north) > 90 or abs(east) > 180 or far < 0:
        raise FhirError(400, "invalid", "A place is beyond the poles or the date line.")
    margin = far / _DEGREE
    return Alternative(
        Sql("v.low >= ? and v.low <= ?", (north - margin, north + margin))
        + Sql("and lab_metres(v.low, v.high, ?, ?) <= ?", (north, east, far))
    )


_NONE = ("", "", "", "")


def _fits(parts: list[str]) -> bool:
    return 2 <= len(parts) <= 4
