"""What the references of a resource point to, by the search parameter that reads them.

Spec: https://hl7.org/fhir/R4/references.html#literal
"""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from lab.fhir.search_parameters import definitions

_LITERAL = re.compile(
    r"(?P<base>https?://[^\s?#]+/)?(?P<type>[A-Z][A-Za-z]{1,63})/(?P<id>[A-Za-z0-9\-.]{1,64})"
    r"(?:/_history/[A-Za-z0-9\-.]{1,64})?"
)
SOMEONE = "?"
"""The id of a patient who is elsewhere, or cannot be told: never a member of anything."""


class Target(NamedTuple):
    """A resource of the server behind; ``id`` is ``SOMEONE`` when it cannot be told which."""

    type: str
    id: str


def target(literal: str, bases: Collection[str]) -> Target | None:
    """Return what a literal points to, any version of it; None for a contained resource or a URN."""
    match = _LITERAL.fullmatch(literal)
    if match is None:
        return Target("Patient", SOMEONE) if "Patient" in literal and "/" in literal else None
    here = not match["base"] or match["base"].removesuffix("/") in bases
    return Target(match["type"], match["id"] if here else SOMEONE)


def pointed(resource: Mapping[str, Any], code: str, bases: Collection[str]) -> Iterator[Target]:
    """Yield what a reference parameter of a resource leads to."""
    known = definitions(str(resource["resourceType"])).get(code)
    for path in known.paths if known else ():
        for node in at(resource, path):
            if not isinstance(node, dict):
                continue
            literal = node.get("reference")
            if isinstance(literal, str):
                found = target(literal, bases)
                if found is not None:
                    yield found
            elif node.get("type") == "Patient":
                yield Target("Patient", SOMEONE)


def at(value: Any, path: tuple[str, ...]) -> Iterator[Any]:
    """Yield the values at a path, through lists; an element of several types has the type in its name."""
    if isinstance(value, list):
        for item in value:
            yield from at(item, path)
    elif not path:
        yield value
    elif isinstance(value, dict):
        head, rest = path[0], path[1:]
        for name, child in value.items():
            if name == head or (name.startswith(head) and name[len(head) : len(head) + 1].isupper()):
                yield from at(child, rest)


def literals(value: Any) -> Iterator[str]:
    """Yield every literal reference anywhere in a resource."""
    if isinstance(value, list):
        for item in value:
            yield from literals(item)
    elif isinstance(value, dict):
        for name, child in value.items():
            if name == "reference" and isinstance(child, str):
                yield child
            else:
                yield from literals(child)
