"""Quantities as a search compares them: a number of a given precision, and a unit.

Specs: https://hl7.org/fhir/R4/search.html#quantity, https://hl7.org/fhir/R4/search.html#number
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

NOBODYS_UNIT = "cd"
"""The candela: no laboratory result is converted to it."""


def compared(prefix: str, asked: Decimal, held: Decimal) -> bool | None:
    """Tell whether a number matches; None at the very edge of the implicit precision, and for ``ap``."""
    if prefix in {"", "eq", "ne", "ap"}:
        equal = _equal(asked, held)
        if prefix == "ap":
            return True if equal else None
        return equal if equal is None or prefix != "ne" else not equal
    return _ORDERED[prefix](held, asked)


def number(value: Any) -> Decimal | None:
    """Return a JSON number as it was written, None for anything else."""
    return Decimal(repr(value)) if isinstance(value, int | float) and not isinstance(value, bool) else None


def in_unit(quantity: dict[str, Any], system: str | None, code: str | None) -> bool | None:
    """Tell whether a quantity is in a unit; None where a server may convert."""
    if code is None:
        return True
    if system is None:
        return code in (quantity.get("code"), quantity.get("unit"))
    if quantity.get("code") == code and quantity.get("system") == system:
        return True
    return None if quantity.get("system") == system and code != NOBODYS_UNIT else False


def _equal(asked: Decimal, held: Decimal) -> bool | None:
    """Compare within half a unit of the last digit asked; the edge itself is read both ways."""
    exponent = asked.as_tuple().exponent
    half = Decimal((0, (5,), int(exponent) - 1))
    distance = abs(held - asked)
    return None if distance == half else distance < half


_ORDERED: dict[str, Callable[[Decimal, Decimal], bool]] = {
    "gt": lambda held, asked: held > asked,
    "sa": lambda held, asked: held > asked,
    "ge": lambda held, asked: held >= asked,
    "lt": lambda held, asked: held < asked,
    "eb": lambda held, asked: held < asked,
    "le": lambda held, asked: held <= asked,
}
