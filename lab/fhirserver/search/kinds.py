"""What one value of a search parameter asks of the index, by type of parameter.

Spec: https://hl7.org/fhir/R4/search.html#ptypes
"""

import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import tzinfo
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from lab.fhir.response import FhirError
from lab.fhirserver.search.criterion import Alternative
from lab.fhirserver.search.position import near
from lab.fhirserver.search.values import split, unescape
from lab.fhirserver.sql import Sql
from lab.fhirserver.storage.folding import fold
from lab.fhirserver.storage.references import Target, target
from lab.fhirserver.storage.times import interval

_TENTH = 10
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?", re.ASCII)
_NAME = re.compile(r":([a-z]+)")
_ON_INTERVALS = {
    "eq": "v.low >= :low and v.low < :high and v.high <= :high",
    "ne": "(v.low < :low or v.high > :high)",
    "gt": "v.high > :high",
    "lt": "v.low < :low",
    "ge": "v.high > :low and (v.high > :high or v.low >= :low)",
    "le": "v.low < :high and (v.low < :low or v.high <= :high)",
    "sa": "v.low >= :high",
    "eb": "v.high <= :low",
    "ap": "v.low < :late and v.high > :early",
}
"""How the interval of a value relates to that asked for; all but ``ne`` are a range of one index."""
_ON_NUMBERS = {
    "eq": "v.low >= :low and v.low < :high and v.high < :high",
    "ne": "(v.low < :low or v.high >= :high)",
    "gt": "v.high > :exact",
    "lt": "v.low < :exact",
    "ge": "v.high >= :exact",
    "le": "v.low <= :exact",
    "sa": "v.low > :exact",
    "eb": "v.high < :exact",
    "ap": "v.low <= :late and v.high >= :early",
}
"""The same for numbers, where only equality depends on the precision asked for."""
_ABOVE_ALL = "\U0010ffff"


class Reading(NamedTuple):
    """What the meaning of a value depends on: addresses and time zone of the server, milliseconds now."""

    bases: Collection[str]
    zone: tzinfo
    now: int


def token(value: str, modifier: str | None, _: Reading) -> Alternative:
    """Read ``code``, ``system|code``, ``|code`` or ``system|``."""
    if modifier is not None:
        raise unsupported(modifier)
    parts = [unescape(part) for part in split(value, "|")]
    match parts:
        case [code]:
            return Alternative(Sql("v.code = ?", (code,)), ordered=True)
        case [system, ""] if system:
            return Alternative(Sql("v.system = ?", (system,)), drivable=False)
        case [system, code] if code:
            return Alternative(Sql("v.code = ? and v.system = ?", (code, system)), ordered=True)
    raise FhirError(400, "invalid", "A token is written code, system|code, |code or system|.")


def string(value: str, modifier: str | None, _: Reading) -> Alternative:
    """Read the beginning of a text, all of it (``exact``) or any part of it (``contains``)."""
    text = unescape(value)
    match modifier:
        case None:
            folded = folded_text(text)
            return Alternative(Sql("v.code >= ? and v.code < ?", (folded, folded + _ABOVE_ALL)))
        case "exact":
            return Alternative(Sql("v.code = ? and v.system = ?", (fold(text), text)), ordered=True)
        case "contains":
            return Alternative(Sql("instr(v.code, ?) > 0", (folded_text(text),)), drivable=False)
    raise unsupported(modifier)


def folded_text(text: str) -> str:
    """Return what a search for a text compares.

    Raises:
        FhirError: 400 when that is nothing: it would find everything.
    """
    folded = fold(text)
    if not folded:
        raise FhirError(400, "invalid", "A text to search for has no letter or digit.")
    return folded


def date(value: str, modifier: str | None, reading: Reading) -> Alternative:
    """Compare intervals: that of the value and that of the resource, each as wide as its precision."""
    if modifier is not None:
        raise unsupported(modifier)
    prefix, text = _prefix(value)
    try:
        low, high = interval(text, reading.zone)
    except ValueError as error:
        raise FhirError(400, "invalid", f"A date cannot be read. {error}") from None
    condition = compare_dates(prefix, low, high, reading.now)
    return Alternative(condition, drivable=prefix != "ne", start=_start(prefix, low, high, reading.now))


def _start(prefix: str, low: int, high: int, now: int) -> tuple[int | None, int | None] | None:
    """Return what the beginning of an interval as short as can be must be: at least, and below."""
    margin = abs(now - low) // _TENTH
    return {
        "eq": (low, high),
        "gt": (high, None),
        "lt": (None, low),
        "ge": (low, None),
        "le": (None, high),
        "sa": (high, None),
        "eb": (None, low),
        "ap": (low - margin, high + margin),
    }.get(prefix)


def compare_dates(prefix: str, low: int, high: int, now: int) -> Sql:
    """Return the condition on ``v`` of what relates to ``[low, high)`` as the prefix says."""
    margin = abs(now - low) // _TENTH  # "approximately" widens with the distance from now
    return _compared(_ON_INTERVALS[prefix], low=low, high=high, early=low - margin, late=high + margin)


def number(value: str, modifier: str | None, _: Reading) -> Alternative:
    """Compare numbers; equality is as wide as the precision of the value."""
    if modifier is not None:
        raise unsupported(modifier)
    return Alternative(_compare_numbers(value), drivable=not value.startswith("ne"))


def quantity(value: str, modifier: str | None, _: Reading) -> Alternative:
    """Read ``number``, ``number|system|code`` or ``number||code``, the number with its prefix."""
    if modifier is not None:
        raise unsupported(modifier)
    parts = [unescape(part) for part in split(value, "|")]
    compared = _compare_numbers(parts[0])
    drivable = not value.startswith("ne")
    match parts:
        case [_]:
            return Alternative(compared, drivable)
        case [_, "", code] if code:
            return Alternative(compared + Sql("and v.code = ?", (code,)), drivable)
        case [_, system, code] if code:
            return Alternative(compared + Sql("and v.code = ? and v.system = ?", (code, system)), drivable)
    raise FhirError(400, "invalid", "A quantity is written number, number|system|code or number||code.")


def reference(value: str, modifier: str | None, targets: Sequence[str], reading: Reading) -> list[Target]:
    """Read an id, ``Type/id``, or a URL; the modifier may be the type of an id.

    An id alone stands for the resources of that id of all the types that the parameter leads to.
    """
    text = unescape(value)
    if not text or text.startswith("#"):
        raise FhirError(400, "invalid", "A reference is written id, Type/id or as a URL.")
    if modifier is not None:
        pointed = target(text if "/" in text else f"{modifier}/{text}", reading.bases)
        if pointed is None or pointed.type != modifier:
            raise FhirError(400, "invalid", "A reference is written id, Type/id or as a URL.")
        return [pointed]
    pointed = target(text, reading.bases)
    if pointed is None or pointed.type or ":" in text:
        return [pointed] if pointed else []
    return [Target(type_, text) for type_ in targets]


def uri(value: str, modifier: str | None, _: Reading) -> Alternative:
    """Compare URIs character by character: all of them, or the shorter with the beginning of the longer."""
    text = unescape(value)
    if modifier in {"above", "below"} and text.lower().startswith("urn:"):
        raise FhirError(400, "not-supported", f"The modifier :{modifier} applies to URLs, not to URNs.")
    match modifier:
        case None:
            return Alternative(Sql("v.code = ?", (text,)), ordered=True)
        case "below":
            return Alternative(Sql("v.code >= ? and v.code < ?", (text, text + _ABOVE_ALL)))
        case "above":
            left = Sql("v.code <> '' and substr(?, 1, length(v.code)) = v.code", (text,))
            return Alternative(left, drivable=False)
    raise unsupported(modifier)


READERS: Mapping[str, Callable[[str, str | None, Reading], Alternative]] = {
    "token": token,
    "string": string,
    "date": date,
    "number": number,
    "quantity": quantity,
    "uri": uri,
    "special": near,
}


def unsupported(modifier: str | None) -> FhirError:
    """Return the refusal of a modifier: ignoring it would answer another question."""
    return FhirError(400, "not-supported", f"The modifier :{modifier} is not supported on this parameter.")


def _prefix(value: str) -> tuple[str, str]:
    return (value[:2], value[2:]) if value[:2] in _ON_NUMBERS else ("eq", value)


def _compare_numbers(value: str) -> Sql:
    prefix, text = _prefix(value)
    if not _NUMBER.fullmatch(text):
        raise unreadable_number()
    try:
        number_ = Decimal(text)
        exponent = number_.as_tuple().exponent
        half = Decimal(5).scaleb(exponent - 1) if isinstance(exponent, int) else Decimal("nan")
        exact, low, high = (float(n) for n in (number_, number_ - half, number_ + half))
    except (InvalidOperation, OverflowError):
        raise unreadable_number() from None
    if not (math.isfinite(low) and math.isfinite(high)):
        raise unreadable_number()
    margin = abs(exact) / _TENTH
    return _compared(
        _ON_NUMBERS[prefix], exact=exact, low=low, high=high, early=exact - margin, late=exact + margin
    )


def unreadable_number() -> FhirError:
    """Return the refusal of a number."""
    return FhirError(400, "invalid", "A number cannot be read: expected a decimal such as 5.4.")


def _compared(template: str, **bounds: float) -> Sql:
    """Return a template with its names made arguments."""
    args = tuple(bounds[name] for name in _NAME.findall(template))
    return Sql(_NAME.sub("?", template), args)
