"""What one value of a search parameter asks of the index, by type of parameter.

Spec: https://hl7.org/fhir/R4/search.html#ptypes
"""

import math
import re
from collections.abc import Callable, Collection, Mapping
from datetime import tzinfo
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from lab.fhir.response import FhirError
from lab.fhirserver.search.criterion import Alternative
from lab.fhirserver.search.values import split, unescape
from lab.fhirserver.sql import Sql
from lab.fhirserver.storage.folding import fold
from lab.fhirserver.storage.references import target
from lab.fhirserver.storage.times import interval

_TENTH = 10
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
    folded = fold(text)
    if not folded:
        raise FhirError(400, "invalid", "A text to search for is empty.")
    match modifier:
        case None:
            return Alternative(Sql("v.code >= ? and v.code < ?", (folded, folded + _ABOVE_ALL)))
        case "exact":
            return Alternative(Sql("v.code = ? and v.system = ?", (folded, text)), ordered=True)
        case "contains":
            return Alternative(Sql("instr(v.code, ?) > 0", (folded,)), drivable=False)
    raise unsupported(modifier)


def date(value: str, modifier: str | None, reading: Reading) -> Alternative:
    """Compare intervals: that of the value and that of the resource, each as wide as its precision."""
    if modifier is not None:
        raise unsupported(modifier)
    prefix, text = _prefix(value)
    try:
        low, high = interval(text, reading.zone)
    except ValueError as error:
        raise FhirError(400, "invalid", f"A date cannot be read. {error}") from None
    return Alternative(compare_dates(prefix, low, high, reading.now), drivable=prefix != "ne")


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


def reference(value: str, modifier: str | None, reading: Reading) -> Alternative:
    """Read an id, ``Type/id``, or a URL; the modifier may be the type of an id."""
    text = unescape(value)
    pointed = target(f"{modifier}/{text}" if modifier and "/" not in text else text, reading.bases)
    if pointed is None or (modifier and pointed.type != modifier):
        raise FhirError(400, "invalid", "A reference is written id, Type/id or as a URL.")
    if pointed.type or ":" in text:
        return Alternative(Sql("v.code = ? and v.system = ?", (pointed.id, pointed.type)), ordered=True)
    return Alternative(Sql("v.code = ? and v.system <> ''", (text,)), ordered=True)


def uri(value: str, modifier: str | None, _: Reading) -> Alternative:
    """Compare URIs character by character."""
    if modifier is not None:
        raise unsupported(modifier)
    return Alternative(Sql("v.code = ?", (unescape(value),)), ordered=True)


READERS: Mapping[str, Callable[[str, str | None, Reading], Alternative]] = {
    "token": token,
    "string": string,
    "date": date,
    "number": number,
    "quantity": quantity,
    "reference": reference,
    "uri": uri,
}


def unsupported(modifier: str | None) -> FhirError:
    """Return the refusal of a modifier: ignoring it would answer another question."""
    return FhirError(400, "not-supported", f"The modifier :{modifier} is not supported on this parameter.")


def _prefix(value: str) -> tuple[str, str]:
    return (value[:2], value[2:]) if value[:2] in _ON_NUMBERS else ("eq", value)


def _compare_numbers(value: str) -> Sql:
    prefix, text = _prefix(value)
    try:
        number_ = Decimal(text)
        exponent = number_.as_tuple().exponent
        half = Decimal(5).scaleb(exponent - 1) if isinstance(exponent, int) else Decimal("nan")
        exact, low, high = (float(n) for n in (number_, number_ - half, number_ + half))
        readable = math.isfinite(low) and math.isfinite(high)
    except (InvalidOperation, OverflowError):
        readable = False
    if not readable:
        raise FhirError(400, "invalid", "A number cannot be read: expected a decimal such as 5.4.")
    margin = abs(exact) / _TENTH
    return _compared(
        _ON_NUMBERS[prefix], exact=exact, low=low, high=high, early=exact - margin, late=exact + margin
    )


def _compared(template: str, **bounds: float) -> Sql:
    """Return a template with its names made arguments."""
    args = tuple(bounds[name] for name in _NAME.findall(template))
    return Sql(_NAME.sub("?", template), args)
