"""The secret values of masked elements, and whether an answer tells one of them."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from lab.api import Reply
from lab.checks.security.leaves import last_name, leaves
from lab.checks.security.masked import Resource, values, without

SHORTEST = 4
_CODES = frozenset({"system", "use", "url", "resourceType", "valueCode"})
_REPEATING = ("text", "extension", "contained", "meta", "contact")
"""What often repeats a datum is not asked whether the datum is visible elsewhere."""


def secrets(resources: Iterable[Resource], paths: Iterable[str]) -> frozenset[str]:
    """Return the strings, of 4 characters or more, that only the masked elements of these resources tell.

    What another resource tells openly is no secret: a birth date may be the day when the identity of somebody
    else was checked.
    """
    paths, resources = tuple(paths), tuple(resources)
    shown = [without(resource, paths) for resource in resources]
    own = [{name: value for name, value in one.items() if name not in _REPEATING} for one in shown]
    return frozenset(
        text
        for rank, resource in enumerate(resources)
        for open_ in [_text([own[rank], *shown[:rank], *shown[rank + 1 :]])]
        for value in values(resource, paths)
        for text in strings(value)
        if not tells(open_, text)
    )


def strings(value: Any) -> Iterator[str]:
    """Yield the strings of a JSON value that could identify something: neither short ones nor systems."""
    for path, leaf in leaves(value):
        if isinstance(leaf, str) and len(leaf) >= SHORTEST and last_name(path) not in _CODES:
            yield leaf


def leaked(hidden: Iterable[str], reply: Reply) -> str:
    """Return the first secret that the bytes or the headers of an answer tell, shortened, or nothing."""
    said = "\n".join([reply.text, *(value for _, value in reply.headers)])
    if "\\" in said:
        said += _text(reply.json)
    return next((f"{text[:2]}…" for text in sorted(hidden) if tells(said, text)), "")


def leaked_in(hidden: Iterable[str], resource: Resource) -> str:
    """Return the path of the first string of a resource that tells one of the secrets, or nothing."""
    hidden = tuple(hidden)
    said = ((path, leaf) for path, leaf in leaves(resource) if isinstance(leaf, str))
    return next((path for path, leaf in said if any(tells(leaf, text) for text in hidden)), "")


def tells(said: str, text: str) -> bool:
    """Tell whether a text holds a value as a whole word."""
    return text in said and re.search(rf"(?<!\w){re.escape(text)}(?!\w)", said) is not None


def _text(value: Any) -> str:
    return "\n".join(leaf for _, leaf in leaves(value) if isinstance(leaf, str))
