"""Check that a reference finds what it names inside its resource or Bundle, of an allowed type.

Spec: https://hl7.org/fhir/R4/references.html#contained and https://hl7.org/fhir/R4/bundle.html#references
"""

from collections.abc import Iterator, Mapping
from typing import Any

from lab.validation.report import Finding
from lab.validation.walk import Visit

_LOCAL = ("urn:uuid:", "urn:oid:")


def reference_resolves(visit: Visit) -> Iterator[Finding]:
    """ref-1: ``#id`` names a contained resource; a ``urn:`` in a Bundle names an entry of it."""
    reference = visit.value.get("reference")
    if not isinstance(reference, str):
        return
    if reference == "#":  # the resource that contains this one
        if not visit.contained:
            yield Finding(f"{visit.path}.reference", "ref-1")
    elif reference.startswith("#"):
        yield from _found(
            visit, reference[1:], visit.scope.contained, Finding(f"{visit.path}.reference", "ref-1")
        )
    elif visit.scope.entries is not None and reference.startswith(_LOCAL):
        missing = Finding(f"{visit.path}.reference", "bundle-reference", "warning")
        yield from _found(visit, reference, visit.scope.entries, missing)


def _found(visit: Visit, key: str, types: Mapping[str, str], missing: Finding) -> Iterator[Finding]:
    type_ = types.get(key)
    allowed = visit.definition.partition("-to-")[2]
    if type_ is None:
        yield missing
    elif type_ and allowed and type_ not in allowed.split("-"):
        yield Finding(missing.path, "reference")


def contained_is_used(visit: Visit) -> Iterator[Finding]:
    """dom-3: what is contained is referred to from the resource, or refers to it."""
    contained = visit.value["contained"]
    if not isinstance(contained, list):
        return
    used = set(_fragments(visit.value))
    for index, inner in enumerate(contained):
        id_ = inner.get("id") if isinstance(inner, dict) else None
        if isinstance(id_, str) and f"#{id_}" not in used and "#" not in set(_fragments(inner)):
            yield Finding(f"{visit.path}.contained[{index}]", "dom-3")


def _fragments(value: Any) -> Iterator[str]:
    """Yield every string that may be a reference inside the resource."""
    stack = [value]
    while stack:
        node = stack.pop()
        if isinstance(node, dict):
            stack.extend(node.values())
        elif isinstance(node, list):
            stack.extend(node)
        elif isinstance(node, str) and node.startswith("#"):
            yield node
