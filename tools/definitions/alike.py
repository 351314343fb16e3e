"""Tell which invariants of another version say, under the same key, what those of R4 say.

Spec: https://hl7.org/fhir/R5/diff.html
"""

from collections import defaultdict

from tools.definitions.invariants import INVARIANTS
from tools.definitions.source import Source


def said_alike(r4: Source, other: Source) -> frozenset[str]:
    """Return the keys of programmed invariants whose every expression is one that R4 has under that key."""
    before, now = _expressions(r4), _expressions(other)
    return frozenset(key for key in INVARIANTS if key in now and now[key] <= before[key])


def _expressions(source: Source) -> dict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for structure in source.structures.values():
        for element in structure["snapshot"]["element"]:
            for constraint in element.get("constraint", ()):
                found[constraint["key"]].add("".join(constraint.get("expression", "").split()))
    return found
