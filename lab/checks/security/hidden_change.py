"""Change only what masks hide of a resource, for the length of a block, and put back what was there.

Source: five-levels reference, P3 (update non-interference).
"""

import copy
import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from lab.api import FhirClient, Truth
from lab.checks.sample import declared
from lab.checks.security.likeness import twin
from lab.checks.security.masked import Resource, values

_FREE = ("city", "line", "family", "given", "text", "value", "display")
"""Members whose text may be another without the resource being wrong."""
_OK = 200
_TAKEN = frozenset({200, 201})


def changeable(fhir: FhirClient, truth: Truth) -> bool:
    """Tell whether the full identity may update patients: the manifest and the application both say so."""
    server = truth.subject.server
    return server is not None and not server.read_only and "update" in declared(fhir).get("Patient", ())


@contextmanager
def hidden_change(
    fhir: FhirClient, path: str, masked: Iterable[str], chance: random.Random
) -> Iterator[bool]:
    """Write other masked values to a resource; give whether the application took them."""
    held = fhir.get(path)
    changed = _changed(held.resource, masked, chance) if held.status == _OK else {}
    taken = bool(changed) and fhir.write("PUT", path, changed).status in _TAKEN
    try:
        yield taken
    finally:
        if taken:
            fhir.write("PUT", path, held.resource)


def _changed(resource: Resource, masked: Iterable[str], chance: random.Random) -> Resource:
    """Return the resource with another text in one masked element, empty when none holds a free text."""
    made = copy.deepcopy(resource)
    for path in masked:
        for item in values(made, [path]):
            if not isinstance(item, dict) or str(item.get("system")).startswith(("urn:", "http")):
                continue
            for name in _FREE:
                said = item.get(name)
                if isinstance(said, str) and said:
                    item[name] = twin(said, chance)
                    return made
    return {}
