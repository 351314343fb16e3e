"""The secret values of masked elements, and whether an answer tells one of them."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from lab.api import Reply
from lab.checks.security.masked import Resource, values, without

SHORTEST = 4
_CODES = frozenset({"system", "use", "url", "resourceType"})
_REPEATING = ("text", "extension", "contained", "meta", "contact")
"""What often repeats a datum is not asked whether the datum is visible elsewhere."""


def secrets(resources: Iterable[Resource], paths: Iterable[str]) -> frozenset[str]:
    """Return the strings, of 4 characters or more, that only the masked elements of these resources tell."""
    paths, resources = tuple(paths), tuple(resources)
    hidden = {text for resource in resources for value in values(resource, paths) for text in strings(value)}
    visible = [without(resource, paths) for resource in resources]
    for resource in visible:
        for name in _REPEATING:
            resource.pop(name, None)
    elsewhere = orjson.dumps(visible).decode()
    return frozenset(text for text in hidden if not tells(elsewhere, text))


def strings(value: Any, name: str = "") -> Iterator[str]:
    """Yield the strings of a JSON value that could identify something: neither short ones nor systems."""
    if isinstance(value, str) and len(value) >= SHORTEST and name not in _CODES:
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from strings(item, name)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from strings(item, key)


def leaked(hidden: Iterable[str], reply: Reply) -> str:
    """Return the first secret that the bytes or the headers of an answer tell, shortened, or nothing."""
    said = "\n".join([reply.text, *(value for _, value in reply.headers)])
    if "\\" in said and reply.json is not None:
        said += orjson.dumps(reply.json).decode()
    return next((f"{text[:2]}…" for text in sorted(hidden) if tells(said, text)), "")


def leaked_in(hidden: Iterable[str], value: Any, path: str = "") -> str:
    """Return the path of the first string of a JSON value that tells one of the secrets, or nothing."""
    hidden = tuple(hidden)
    if isinstance(value, str):
        return path if any(tells(value, text) for text in hidden) else ""
    named = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = (leaked_in(hidden, item, f"{path}.{name}" if path else str(name)) for name, item in named)
    return next((place for place in found if place), "")


def tells(said: str, text: str) -> bool:
    """Tell whether a text holds a value as a whole word."""
    return text in said and re.search(rf"(?<!\w){re.escape(text)}(?!\w)", said) is not None
