"""The index rows of one element, by the type of the search parameter that reads it.

The data type is told from the shape of the JSON, so that a new parameter needs no code here.
Spec: https://hl7.org/fhir/R4/search.html#ptypes
"""

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import tzinfo
from sys import float_info
from typing import Any, NamedTuple

import orjson

from lab.fhirserver.storage.composites import SAMPLED, Pair
from lab.fhirserver.storage.folding import fold
from lab.fhirserver.storage.references import targets
from lab.fhirserver.storage.sampled import sampled_limits
from lab.fhirserver.storage.times import BEGINNING, END, interval
from lab.model.release import Release


class Row(NamedTuple):
    """The searchable columns of a value; all None for a value that is present but cannot be matched."""

    code: str | None = None
    system: str | None = None
    low: float | None = None
    high: float | None = None


class Context(NamedTuple):
    """What the index of a resource depends on: addresses and time zone of the server, release of FHIR."""

    bases: Collection[str]
    zone: tzinfo
    release: Release


_TEXTS = (
    *("family", "given", "prefix", "suffix"),
    *("line", "city", "district", "state", "postalCode", "country", "text"),
)
"""The texts of a HumanName and of an Address."""

_CURRENCIES = "urn:iso:std:iso:4217"
_LOWEST, _HIGHEST = -float_info.max, float_info.max


def token_rows(node: object, _: Context) -> Iterator[Row]:
    """Yield code and system of a code, Coding, CodeableConcept, Identifier, ContactPoint or boolean."""
    if isinstance(node, bool):
        yield Row("true" if node else "false", "")
    elif isinstance(node, str):
        yield Row(node, "")
    elif isinstance(node, dict):
        codings = node.get("coding")
        for coding in codings if isinstance(codings, list) and codings else (node,):
            yield _token(coding)


def _token(coding: object) -> Row:
    """Return the row of a Coding or Identifier; one without a code can still be found by its system."""
    if not isinstance(coding, dict):
        return Row()
    value = coding.get("value")
    if isinstance(value, int | float):  # a Quantity has a code too: that of its unit
        return Row()
    code, system = coding.get("code", value), coding.get("system", "")
    if not isinstance(code, str):
        return Row(system=system or None) if isinstance(system, str) else Row()
    return Row(code, system)


def string_rows(node: object, _: Context) -> Iterator[Row]:
    """Yield folded and exact text of a string, or of each part of a HumanName or Address."""
    if isinstance(node, str):
        yield Row(fold(node), node)
    elif isinstance(node, dict):
        found = [text for part in _TEXTS for text in _listed(node.get(part)) if isinstance(text, str)]
        yield from (Row(fold(text), text) for text in found)
        if not found:
            yield Row()


def _listed(value: object) -> Iterable[object]:
    return value if isinstance(value, list) else (value,)


def date_rows(node: object, context: Context) -> Iterator[Row]:
    """Yield the bounds of a date, dateTime, instant, Period or Timing; of a Timing the outer ones only."""
    if isinstance(node, str):
        yield _bounds(node, node, context)
    elif isinstance(node, dict) and ("start" in node or "end" in node):
        yield _bounds(node.get("start"), node.get("end"), context)
    elif isinstance(node, dict):
        limits = [row for event in node.get("event", ()) for row in date_rows(event, context)]
        limits += date_rows(node.get("repeat", {}).get("boundsPeriod"), context)
        lows = [row.low for row in limits if row.low is not None]
        highs = [row.high for row in limits if row.high is not None]
        yield Row(low=min(lows), high=max(highs)) if lows and highs else Row()


def _bounds(start: object, end: object, context: Context) -> Row:
    try:
        low = interval(start, context.zone)[0] if isinstance(start, str) else BEGINNING
        high = interval(end, context.zone)[1] if isinstance(end, str) else END
    except ValueError:
        return Row()
    return Row(low=low, high=high) if low < high else Row()


def reference_rows(node: object, context: Context) -> Iterator[Row]:
    """Yield id and type of what a Reference or a canonical URL points to."""
    literal = node.get("reference") if isinstance(node, dict) else node
    found = [Row(one.id, one.type) for one in targets(literal, context.bases)]
    yield from found or [Row()]


def quantity_rows(node: object, _: Context) -> Iterator[Row]:
    """Yield the bounds of a number, Quantity, Money, Range or SampledData, unit as code and as written."""
    if isinstance(node, int | float) and not isinstance(node, bool):
        yield Row(low=float(node), high=float(node))
    if not isinstance(node, dict):
        return
    if "origin" in node:
        yield Row(SAMPLED)
    limits = _limits(node)
    if limits is None:
        yield Row()
        return
    described = _described(node)
    if "currency" in described:
        yield Row(described["currency"], _CURRENCIES, *limits)
        return
    code, unit = described.get("code"), described.get("unit")
    yield Row(code, described.get("system", ""), *limits)
    if isinstance(unit, str) and unit != code:
        yield Row(unit, "", *limits)


def _described(node: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what tells the unit: the quantity itself, one end of a range, the origin of sampled data."""
    found = node if "value" in node else node.get("origin") or node.get("low") or node.get("high")
    return found if isinstance(found, dict) else {}


def _limits(node: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return the least and the greatest value; None when there is none, or not even one."""
    value = node.get("value")
    if isinstance(value, int | float):
        low = high = float(value)
        match node.get("comparator"):
            case "<":
                low, high = _LOWEST, math.nextafter(high, -math.inf)
            case "<=":
                low = _LOWEST
            case ">=":
                high = _HIGHEST
            case ">":
                low, high = math.nextafter(low, math.inf), _HIGHEST
        return low, high
    if "origin" in node:
        return sampled_limits(node)
    ends = [node.get(name) for name in ("low", "high")]
    least, greatest = (end.get("value") if isinstance(end, dict) else None for end in ends)
    if least is None and greatest is None:
        return None
    low = _LOWEST if least is None else float(least)
    high = _HIGHEST if greatest is None else float(greatest)
    return (low, high) if low <= high else None


def uri_rows(node: object, _: Context) -> Iterator[Row]:
    """Yield a URI as it is."""
    if isinstance(node, str):
        yield Row(node, "")


def pair_rows(node: object, context: Context) -> Iterator[Row]:
    """Yield every pair of rows of two components: the code of the first, the bounds of the second.

    The system holds, as JSON, system of the first, system and code of the second.
    """
    if not isinstance(node, Pair):
        return
    first, second = (
        [
            row._replace(system=system or row.system)
            for value in values
            for row in _COMPONENTS[kind](value, context)
        ]
        for kind, system, values in zip(*node, strict=True)
    )
    for one in first:
        for other in second:
            rest = orjson.dumps([one.system, other.system, other.code]).decode()
            yield Row(one.code, rest, other.low, other.high)


def _pointed_rows(node: object, context: Context) -> Iterator[Row]:
    """Yield type and id of what a Reference points to, as text."""
    literal = node.get("reference") if isinstance(node, dict) else node
    found = [Row(one.id, one.type) for one in targets(literal, context.bases)]
    yield from found or [Row()]


def position_rows(node: object, _: Context) -> Iterator[Row]:
    """Yield latitude and longitude of a position."""
    if isinstance(node, dict):
        place = [node.get(name) for name in ("latitude", "longitude")]
        latitude, longitude = (float(x) if isinstance(x, int | float) else None for x in place)
        yield Row() if latitude is None or longitude is None else Row(low=latitude, high=longitude)


_COMPONENTS: Mapping[str, Callable[[object, Context], Iterator[Row]]] = {
    "token": token_rows,
    "quantity": quantity_rows,
    "reference": _pointed_rows,
    "string": string_rows,
}

READERS: Mapping[str, Callable[[object, Context], Iterator[Row]]] = {
    "token": token_rows,
    "string": string_rows,
    "date": date_rows,
    "reference": reference_rows,
    "number": quantity_rows,
    "quantity": quantity_rows,
    "uri": uri_rows,
    "composite": pair_rows,
    "special": position_rows,
}
