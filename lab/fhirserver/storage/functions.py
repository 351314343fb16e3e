"""The functions that the SQL of searches calls, on what the index does not hold.

They read whole resources: a search whose only condition is one of these goes through all of its type.
Spec: https://www.sqlite.org/appfunc.html
"""

import math
import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from lab.fhir.hidden import hides_numbered
from lab.fhirserver.storage.catalogue import parameters
from lab.fhirserver.storage.folding import fold
from lab.model.release import Release


def register(connection: sqlite3.Connection, unpack: Callable[[bytes], bytes], release: Release) -> None:
    """Give a connection the functions; ``unpack`` reads what a row holds of a resource of the release."""

    def says_packed(body: bytes, *asked: str) -> bool:
        return says(unpack(body), release, *asked)

    def typed_packed(body: bytes, *asked: str) -> bool:
        return typed(unpack(body), release, *asked)

    connection.create_function("lab_says", 4, says_packed, deterministic=True)
    connection.create_function("lab_typed", 6, typed_packed, deterministic=True)
    connection.create_function("lab_metres", 4, _metres, deterministic=True)
    connection.create_function("lab_hides", 2, hides_numbered, deterministic=True)


def says(body: bytes, release: Release, type_: str, code: str, beginning: str) -> bool:
    """Tell whether a text beside a code starts with a folded text."""
    nodes = parameters(type_, release)[code].path.evaluate(orjson.loads(body))
    return any(fold(text).startswith(beginning) for node in nodes for text in _texts(node))


def typed(body: bytes, release: Release, type_: str, code: str, system: str, kind: str, value: str) -> bool:
    """Tell whether an identifier has a value and, among the codings of its type, a code."""
    nodes = parameters(type_, release)[code].path.evaluate(orjson.loads(body))
    return any(
        node.get("value") == value and coding.get("system") == system and coding.get("code") == kind
        for node in nodes
        if isinstance(node, dict)
        for coding in _object(node.get("type")).get("coding", ())
    )


def _texts(node: object) -> Iterator[str]:
    """Yield what describes a CodeableConcept, a Coding, or the type of an Identifier."""
    described = _object(node)
    found = [
        described.get("text"),
        described.get("display"),
        *(coding.get("display") for coding in described.get("coding", ())),
        _object(described.get("type")).get("text"),
    ]
    yield from (text for text in found if isinstance(text, str))


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _metres(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Return the distance of two places on a sphere of the size of the Earth."""
    north, east, other_north, other_east = (
        math.radians(angle) for angle in (latitude, longitude, other_latitude, other_longitude)
    )
    half = (
        math.sin((other_north - north) / 2) ** 2
        + math.cos(north) * math.cos(other_north) * math.sin((other_east - east) / 2) ** 2
    )
    return 2 * 6_371_008.8 * math.asin(math.sqrt(min(1.0, half)))
