"""Find what FHIR does not allow in the JSON form of a resource, on the raw text: parsers hide some of it.

Spec: https://hl7.org/fhir/R4/json.html
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class _Members:
    """A JSON object with its members as they were written, duplicates included."""

    pairs: list[tuple[str, Any]]


def blemishes(text: str) -> list[str] | None:
    """Return what is wrong and where (``entry[0].resource.name is an empty array``), None if not JSON."""
    try:
        whole = json.loads(text, object_pairs_hook=_Members)
    except (ValueError, RecursionError):
        return None
    found: list[str] = []
    waiting: list[tuple[str, Any]] = [("", whole)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, _Members):
            found += _of_object(path, value)
            waiting += [(f"{path}.{name}".lstrip("."), item) for name, item in value.pairs]
        elif isinstance(value, list):
            found += _of_array(path, value)
            waiting += [(f"{path}[{n}]", item) for n, item in enumerate(value)]
    return sorted(found)


def _of_object(path: str, value: _Members) -> Iterator[str]:
    where = path or "the resource"
    if not value.pairs:
        yield f"{where} is an empty object"
    counts = Counter(name for name, _ in value.pairs)
    yield from (f"{where} has {name} {n} times" for name, n in counts.items() if n > 1)
    yield from (f"{where} has {name} null" for name, item in value.pairs if item is None)


def _of_array(path: str, value: list[Any]) -> Iterator[str]:
    """Nulls stand only in the two arrays of a repeating primitive, ``given`` and ``_given``."""
    if not value:
        yield f"{path} is an empty array"
    objects = any(isinstance(item, _Members) for item in value)
    if None in value and objects and not path.rpartition(".")[2].startswith("_"):
        yield f"{path} holds null among objects"
