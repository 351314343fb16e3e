"""Since when a search asks for changes, and what of it stays the same from one synchronisation to the next.

Spec: https://hl7.org/fhir/R4/search.html#lastUpdated
"""

from datetime import UTC, datetime

from lab.checks.traffic import Search

_SINCE = frozenset({"ge", "gt", "sa"})
_MOVING = frozenset({"_lastUpdated", "_count", "_total"})


def since(search: Search) -> float | None:
    """Return since when changes are asked for, in seconds since the epoch; None when it is not said."""
    for name, value in search.parameters:
        if name == "_lastUpdated" and value[:2] in _SINCE:
            try:
                moment = datetime.fromisoformat(value[2:])
            except ValueError:
                continue
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return None


def unchanging(search: Search) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return the type and the parameters that do not move with time."""
    return search.type, tuple(sorted(pair for pair in search.parameters if pair[0] not in _MOVING))
