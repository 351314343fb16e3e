"""Writes numbers, durations and dates the way a French and an English reader expect them."""

import math
from datetime import datetime

Pair = dict[str, str]
"""The same thing said in French and in English, shaped as the texts of the run document."""

_NARROW = "\u202f"
_NONE = "\u2013"
_MONTHS: dict[str, tuple[str, ...]] = {
    "fr": (
        *("janvier", "février", "mars", "avril", "mai", "juin"),
        *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
    ),
    "en": (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}


def number(value: float | None, decimals: int | None = None) -> Pair:
    """Write a number; a dash when there is none. Without ``decimals``, small values keep three digits."""
    if value is None or not math.isfinite(value):
        return {"fr": _NONE, "en": _NONE}
    text = f"{value:,.{_decimals(value) if decimals is None else decimals}f}"
    if decimals is None and "." in text:
        text = text.rstrip("0").rstrip(".")
    return {"fr": text.replace(",", _NARROW).replace(".", ","), "en": text}


def _decimals(value: float) -> int:
    if isinstance(value, int) or value == 0:
        return 0
    return min(6, max(2, 2 - math.floor(math.log10(abs(value)))))


def duration(seconds: float) -> Pair:
    """Write a duration given in seconds, from ``4.2 s`` to ``1 h 03 min``."""
    minute, hour = 60, 3600
    if not math.isfinite(seconds):
        return number(seconds)
    if seconds < minute:
        return {language: f"{text} s" for language, text in number(round(seconds, 1)).items()}
    whole = round(seconds)
    if whole < hour:
        text = f"{whole // minute} min {whole % minute:02d} s"
    else:
        text = f"{whole // hour} h {whole % hour // minute:02d} min"
    return {"fr": text, "en": text}


def moment(text: str) -> Pair:
    """Write an ISO 8601 date-time in words, in its own time zone; what is not one is left as it stands."""
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        return {"fr": text, "en": text}
    zone = when.tzname() or ""
    clock = f"{when:%H:%M} {zone}".strip()
    return {
        language: f"{when.day} {months[when.month - 1]} {when.year}, {clock}"
        for language, months in _MONTHS.items()
    }
