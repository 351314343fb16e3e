"""The index rows of one element, by the type of the search parameter that reads it.

The data type is told from the shape of the JSON, so that a new parameter needs no code here.
Spec: https://hl7.org/fhir/R4/search.html#ptypes
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import tzinfo
from typing import Any, NamedTuple

from lab.fhirserver.storage.folding import fold
from lab.fhirserver.storage.references import target
from lab.fhirserver.storage.times import BEGINNING, END, interval


class Row(NamedTuple):
    """The searchable columns of a value; all None for a value that is present but cannot be matched."""

    code: str | None = None
    system: str | None = None
    low: float | None = None
    high: float | None = None


class Context(NamedTuple):
    """What the reading of a value depends on: the addresses and the time zone of the server."""

    bases: Collection[str]
    zone: tzinfo


_NAME_PARTS = ("family", "given", "prefix", "suffix", "text")
_ADDRESS_PARTS = ("line", "city", "district", "state", "postalCode", "country", "text")
_CURRENCIES = "urn:iso:std:iso:4217"


def token_rows(node: object, _: Context) -> Iterator[Row]:
    """Yield code and system of a code, Coding, CodeableConcept, Identifier, ContactPoint or boolean."""
    if isinstance(node, bool):
        yield Row("true" if node else "false", "")
    elif isinstance(node, str):
        yield Row(node, "")
    elif isinstance(node, dict):
        codings = node.get("coding")
        for coding in codings if isinstance(codings, list) else (node,):
            if isinstance(coding, dict):
                code = coding.get("code", coding.get("value"))
                yield Row(code, coding.get("system", "")) if isinstance(code, str) else Row()


def string_rows(node: object, _: Context) -> Iterator[Row]:
    """Yield folded and exact text of a string, or of each part of a HumanName or Address."""
    if isinstance(node, str):
        yield Row(fold(node), node)
    elif isinstance(node, dict):
        for part in _NAME_PARTS if "family" in node or "given" in node else _ADDRESS_PARTS:
            texts = node.get(part)
            for text in texts if isinstance(texts, list) else (texts,):
                if isinstance(text, str):
                    yield Row(fold(text), text)


def date_rows(node: object, context: Context) -> Iterator[Row]:
    """Yield the bounds of a date, dateTime, instant, Period or Timing."""
    if isinstance(node, str):
        yield _bounds(node, node, context)
    elif isinstance(node, dict) and ("start" in node or "end" in node):
        yield _bounds(node.get("start"), node.get("end"), context)
    elif isinstance(node, dict):
        for event in node.get("event", ()):
            yield from date_rows(event, context)
        yield from date_rows(node.get("repeat", {}).get("boundsPeriod"), context)


def _bounds(start: object, end: object, context: Context) -> Row:
    try:
        low = interval(start, context.zone)[0] if start else BEGINNING
        high = interval(end, context.zone)[1] if end else END
    except (ValueError, TypeError):
        return Row()
    return Row(low=low, high=high)


def reference_rows(node: object, context: Context) -> Iterator[Row]:
    """Yield id and type of what a Reference or a canonical URL points to."""
    literal = node.get("reference") if isinstance(node, dict) else node
    found = target(literal, context.bases) if isinstance(literal, str) else None
    yield Row(found.id, found.type) if found else Row()


def quantity_rows(node: object, _: Context) -> Iterator[Row]:
    """Yield the bounds of a number, Quantity, Money or Range, with its unit as code and as written."""
    if isinstance(node, int | float):
        yield Row(low=float(node), high=float(node))
    if not isinstance(node, dict):
        return
    low, high = _limits(node)
    if low is None and high is None:
        yield Row()
        return
    described: Mapping[str, Any] = node if "value" in node else node.get("low") or node.get("high") or {}
    bounds = (BEGINNING if low is None else low, END if high is None else high)
    if "currency" in described:
        yield Row(described["currency"], _CURRENCIES, *bounds)
        return
    code, unit = described.get("code"), described.get("unit")
    yield Row(code, described.get("system", ""), *bounds)
    if isinstance(unit, str) and unit != code:
        yield Row(unit, "", *bounds)


def _limits(node: Mapping[str, Any]) -> tuple[float | None, float | None]:
    value = node.get("value")
    if isinstance(value, int | float):
        comparator = node.get("comparator", "")
        low = None if comparator.startswith("<") else float(value)
        high = None if comparator.startswith(">") else float(value)
        return low, high
    ends = [node.get(name) for name in ("low", "high")]
    low, high = (end.get("value") if isinstance(end, dict) else None for end in ends)
    return None if low is None else float(low), None if high is None else float(high)


def uri_rows(node: object, _: Context) -> Iterator[Row]:
    """Yield a URI as it is."""
    if isinstance(node, str):
        yield Row(node, "")


READERS: Mapping[str, Callable[[object, Context], Iterator[Row]]] = {
    "token": token_rows,
    "string": string_rows,
    "date": date_rows,
    "reference": reference_rows,
    "number": quantity_rows,
    "quantity": quantity_rows,
    "uri": uri_rows,
}
