"""Read the JSON of a request so that nobody else could read it differently, and write it back unchanged.

Duplicate keys, NaN, a byte order mark, unpaired surrogates or a bottomless nesting are refused. Decimals
keep the digits they were sent with: FHIR gives a meaning to the precision of 1.50.

Spec: https://hl7.org/fhir/R4/json.html and https://hl7.org/fhir/R4/datatypes.html#decimal
"""

import json
import math
import re
from contextlib import suppress
from typing import Any, Self

import orjson

from lab.fhir.response import FhirError

Json = dict[str, Any]

MAX_BODY = 10_000_000
MAX_DEPTH = 64
_BOM = b"\xef\xbb\xbf"
_INTEGER_DIGITS = 18  # what fits 64 bits whatever the digits; FHIR integers have 32


class Number(float):
    """A decimal that remembers how it was written."""

    __slots__ = ("literal",)
    literal: str

    def __new__(cls, literal: str) -> Self:
        """Read a JSON number.

        Raises:
            ValueError: the number is beyond what a double can hold.
        """
        number = super().__new__(cls, literal)
        if not math.isfinite(number):
            message = "A number is too large."
            raise ValueError(message)
        number.literal = literal
        return number


def read(body: bytes) -> Json:
    """Return the JSON object of a request body.

    Raises:
        FhirError: 400 when the body is not one unambiguous JSON object, 413 when it is too long.
    """
    value = read_value(body)
    if not isinstance(value, dict):
        raise FhirError(400, "structure", "The body is not a JSON object.")
    return value


def read_value(body: bytes) -> Any:
    """Return the JSON value of a request body: an object or, in a JSON Patch, an array.

    Raises:
        FhirError: 400 when the body is not one unambiguous JSON value, 413 when it is too long.
    """
    if len(body) > MAX_BODY:
        raise FhirError(413, "too-long", f"The body is longer than {MAX_BODY} bytes.")
    if body.startswith(_BOM):
        raise FhirError(400, "structure", "The body starts with a byte order mark; JSON has none.")
    try:
        value = json.loads(
            body.decode("utf-8"),
            object_pairs_hook=_object,
            parse_float=Number,
            parse_int=_integer,
            parse_constant=_constant,
        )
    except UnicodeDecodeError:
        raise FhirError(400, "structure", "The body is not UTF-8.") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise FhirError(400, "structure", f"The body is not JSON ({where}).") from None
    except RecursionError:
        raise FhirError(400, "structure", f"The body is nested deeper than {MAX_DEPTH} levels.") from None
    except ValueError as error:
        raise FhirError(400, "structure", str(error)) from None
    if _depth(value) > MAX_DEPTH:
        raise FhirError(400, "structure", f"The body is nested deeper than {MAX_DEPTH} levels.")
    try:
        orjson.loads(body)  # refuses half of a surrogate pair, which the standard library lets pass
    except orjson.JSONDecodeError:
        raise FhirError(400, "structure", "A string of the body is not valid Unicode.") from None
    return value


_EXACT = json.JSONDecoder(parse_float=Number)
_ENDS_IN_ZERO = re.compile(rb"\.\d+0[,}\]]")


def exact(body: bytes) -> Json:
    """Return an object that this server wrote, with the digits of its decimals."""
    value: Json = exact_value(body)
    return value


def exact_value(body: bytes) -> Any:
    """Return any value that this server wrote, with the digits of its decimals.

    The fast reader may change numbers; it has not when writing the value gives the same bytes again.
    """
    if not _ENDS_IN_ZERO.search(body):  # it would lose the zero: not worth a try
        with suppress(orjson.JSONDecodeError):
            value = orjson.loads(body)
            if orjson.dumps(value) == body:
                return value
    return _EXACT.decode(body.decode())


def write(value: object, *, pretty: bool = False) -> bytes:
    """Return the compact (or indented) JSON of a value."""
    return orjson.dumps(value, default=_literal, option=orjson.OPT_INDENT_2 if pretty else 0)


def canonical(value: object) -> bytes:
    """Return the compact JSON of a value with the members of its objects sorted: they have no order."""
    return orjson.dumps(value, default=_literal, option=orjson.OPT_SORT_KEYS)


def _object(pairs: list[tuple[str, Any]]) -> Json:
    value = dict(pairs)
    if len(value) != len(pairs):
        message = "The body holds the same key twice in one object."
        raise ValueError(message)
    return value


def _integer(literal: str) -> int:
    if len(literal) > _INTEGER_DIGITS:
        message = "An integer is too large."
        raise ValueError(message)
    return int(literal)


def _constant(_: str) -> float:
    message = "NaN and Infinity are not JSON."
    raise ValueError(message)


def _literal(value: object) -> orjson.Fragment:
    if isinstance(value, Number):
        return orjson.Fragment(value.literal)
    raise TypeError


def _depth(value: object) -> int:
    """Return how deep objects and arrays are nested, level by level and thus without recursion."""
    depth = 0
    level = [value]
    while level:
        below: list[object] = []
        for item in level:
            if isinstance(item, dict):
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
        depth += 1
        level = [item for item in below if isinstance(item, dict | list)]
    return depth
