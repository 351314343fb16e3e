"""Write numbers, shares and dates the way a French and an English reader expect them."""

import math
from datetime import date

from synthetic_data.description.bilingual import Both, same

_NARROW = "\u202f"
_MOST_DECIMALS = 4
_NONE = same("\u2013")
_MONTHS_FR = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)
_MONTHS_EN = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def number(value: float | None, decimals: int | None = None) -> Both:
    """Write a number; a dash when there is none. Without `decimals`, as many as it needs, four at most."""
    if value is None or not math.isfinite(value):
        return _NONE
    text = f"{value:,.{_MOST_DECIMALS if decimals is None else decimals}f}"
    if decimals is None:
        text = text.rstrip("0").rstrip(".")
    return Both(text.replace(",", _NARROW).replace(".", ","), text)


def share(value: float | None, decimals: int = 1) -> Both:
    """Write a share from 0 to 1 as a percentage."""
    if value is None:
        return _NONE
    text = number(100 * value, decimals)
    return Both(f"{text.fr}{_NARROW}%", f"{text.en}%")


def megabytes(size: int) -> Both:
    """Write a size, in megabytes."""
    return number(size / 1e6, 2)


def day(value: date) -> Both:
    """Write a date in words."""
    return Both(
        f"{value.day} {_MONTHS_FR[value.month - 1]} {value.year}",
        f"{value.day} {_MONTHS_EN[value.month - 1]} {value.year}",
    )
