"""Gives each named thing of the page an ``id`` that is valid, readable and unique."""

import re
from collections.abc import Iterable

_OTHER = re.compile(r"[^A-Za-z0-9._-]")


def anchors(prefix: str, names: Iterable[str]) -> tuple[str, ...]:
    """Return one anchor per name, in order; a name met again then gets ``-2``, ``-3`` and so on.

    >>> anchors("finding", ["SRV-PAG-02", "SRV-PAG-02", "a b"])
    ('finding-SRV-PAG-02', 'finding-SRV-PAG-02-2', 'finding-a_b')
    """
    given: dict[str, None] = {}
    for name in names:
        stem = candidate = f"{prefix}-{_OTHER.sub('_', name)[:80]}"
        turn = 1
        while candidate in given:
            turn += 1
            candidate = f"{stem}-{turn}"
        given[candidate] = None
    return tuple(given)
