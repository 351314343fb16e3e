"""Find out what an application follows, and which resources its events can copy.

What it asks is read in the journal; what it may see is asked of the gateway in its name, with the key of the
laboratory. So an event that copies such a resource is one that the application must come to know of.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from lab.fhir.reply import Reply
from lab.pulling.asked import CHANGED, Asked

_MOST = 20
"""Resources to copy, of each sort."""
_LOOKED_AT = 200
_NOT_CRITERIA = (*CHANGED, "_count", "_sort", "_total", "_elements", "_summary", "_include", "_revinclude")

Search = tuple[str, tuple[tuple[str, str], ...]]
"""A type, and the criteria that are no matter of time."""


class Server(Protocol):
    """Whoever answers reads and searches: the gateway in the name of the application, or the backend."""

    def get(self, path: str, parameters: Mapping[str, object] | None = None) -> Reply:
        """GET a path relative to the base."""
        ...


def followed(requests: Sequence[Asked]) -> tuple[Search, ...]:
    """Return the searches by which changes are followed, the most frequent one first.

    Those that say from when come first; without any, those that are repeated.
    """
    polls = [one for one in requests if one.is_poll and one.type and one.status == 200]
    dated = [one for one in polls if one.since]
    counts = Counter(_search(one) for one in dated or polls)
    return tuple(search for search, _ in counts.most_common())


def copied(searches: Sequence[Search], mine: Server) -> tuple[Mapping[str, Any], ...]:
    """Return resources that the first fruitful of these searches finds for the application, ordered by id."""
    for type_, criteria in searches:
        page = mine.get(type_, {**_grouped(criteria), "_count": _LOOKED_AT})
        found = sorted(page.resources(type_, mode="match"), key=lambda one: str(one.get("id")))
        if found:
            return tuple(found[:: max(1, len(found) // _MOST)][:_MOST])
    return ()


def whole(copies: Sequence[Mapping[str, Any]], hospital: Server) -> tuple[Mapping[str, Any], ...]:
    """Return the same resources as the hospital holds them, without a mask."""
    replies = [hospital.get(f"{one['resourceType']}/{one['id']}") for one in copies]
    return tuple(reply.resource for reply in replies if reply.status == 200)


def unseen(type_: str, mine: Server, hospital: Server) -> tuple[Mapping[str, Any], ...]:
    """Return resources of the type that the hospital holds and the application must not see."""
    found: list[Mapping[str, Any]] = []
    page = hospital.get(type_, {"_count": _LOOKED_AT})
    for resource in sorted(page.resources(type_), key=lambda one: str(one.get("id"))):
        if mine.get(f"{type_}/{resource['id']}").status in {403, 404}:
            found.append(resource)
        if len(found) == _MOST // 2:
            break
    return tuple(found)


def _search(request: Asked) -> Search:
    kept = [pair for pair in request.parameters if pair[0].partition(":")[0] not in _NOT_CRITERIA]
    return request.type, tuple(sorted(kept))


def _grouped(criteria: Sequence[tuple[str, str]]) -> Mapping[str, object]:
    names = dict.fromkeys(name for name, _ in criteria)
    return {name: list(_values(criteria, name)) for name in names}


def _values(criteria: Sequence[tuple[str, str]], wanted: str) -> Iterator[str]:
    return (value for name, value in criteria if name == wanted)
