"""What a reference points to: a resource of this server, or something elsewhere.

Spec: https://hl7.org/fhir/R4/references.html#literal
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

_LITERAL = re.compile(
    r"(?P<base>https?://[^\s?#]+/)?(?P<type>[A-Z][A-Za-z]{1,63})/(?P<id>[A-Za-z0-9\-.]{1,64})"
    r"(?:/_history/[A-Za-z0-9\-.]{1,64})?"
)


@dataclass(frozen=True)
class Target:
    """``type`` and ``id`` of a resource here; elsewhere ``type`` is empty and ``id`` is the whole URL."""

    type: str
    id: str


def target(literal: str, bases: Collection[str]) -> Target | None:
    """Return what a literal reference points to, any version of it; None for a contained resource.

    ``bases`` are the addresses under which this server is known: absolute references to them are local.
    """
    if not literal or literal.startswith("#"):
        return None
    match = _LITERAL.fullmatch(literal)
    if match is None:
        return Target("", literal)
    if match["base"] and match["base"].removesuffix("/") not in bases:
        return Target("", literal)
    return Target(match["type"], match["id"])


def targets(literal: object, bases: Collection[str]) -> Iterator[Target]:
    """Yield all that a literal reference is found by: of a canonical URL with a version, also any version."""
    found = target(literal, bases) if isinstance(literal, str) else None
    if found is not None:
        yield found
        url, versioned, _ = found.id.partition("|")
        if versioned:
            yield Target("", url)


def reference_type(node: object) -> str:
    """Return the type that a Reference element names, by its literal or its ``type``; empty if unknown."""
    if not isinstance(node, dict):
        return ""
    literal: Any = node.get("reference")
    if isinstance(literal, str) and (match := _LITERAL.fullmatch(literal)):
        return match["type"]
    named: Any = node.get("type")
    return named.rpartition("/")[2] if isinstance(named, str) else ""
