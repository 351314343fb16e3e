"""What differs between two versions of a resource, as paths that masks can be held against.

A path is the type and the names that lead to what differs, separated by spaces: ``Patient address city``.
Items of a list that have a ``system`` or a ``url`` are compared with those of the same one, which the path
names: ``Patient identifier|urn:oid:1.2 value``. What tells who a patient is, in a reference, ends with
``@patient``. The path of a contained resource starts anew, with its own type.
"""

from collections.abc import Iterator
from typing import Any

from lab.fhir.patient_reference import LABELS, local_others, names_patient

Json = dict[str, Any]

_GIVEN = frozenset({"versionId", "lastUpdated"})
_SORTING = ("url", "system")


def changed_paths(before: Json, after: Json) -> frozenset[str]:
    """Return the paths of all that differs; the version and its time do not count."""
    others = local_others(before) & local_others(after)
    return frozenset(_of_objects(before, after, after["resourceType"], others))


def _of_objects(before: Json, after: Json, path: str, others: frozenset[str]) -> Iterator[str]:
    role = path.rpartition(" ")[2].partition("|")[0]
    labelled = any(names_patient(node, others, role) for node in (before, after))
    for key in before.keys() | after.keys():
        old, new = before.get(key), after.get(key)
        if old == new or (key in _GIVEN and path.endswith(" meta")):
            continue
        inner = f"{path} {key.removeprefix('_')}"
        if labelled and key in LABELS:
            yield f"{inner}@patient"
        elif isinstance(old, dict) and isinstance(new, dict):
            yield from _of_objects(old, new, _root(new, inner), others)
        elif isinstance(old, list | None) and isinstance(new, list | None):
            yield from _of_lists(old or [], new or [], inner, others)
        else:
            yield inner


def _of_lists(before: list[Any], after: list[Any], path: str, others: frozenset[str]) -> Iterator[str]:
    old, new = _sorted(before), _sorted(after)
    moved = True
    for kind in old.keys() | new.keys():
        pair, where = (old.get(kind, []), new.get(kind, [])), f"{path}{kind}"
        if pair[0] == pair[1]:
            continue
        moved = False
        if len(pair[0]) != len(pair[1]):
            yield where
            continue
        for was, now in zip(*pair, strict=True):
            if isinstance(was, dict) and isinstance(now, dict):
                yield from _of_objects(was, now, _root(now, where), others)
            elif was != now:
                yield where
    if moved:
        yield f"{path}|"


def _sorted(items: list[Any]) -> dict[str, list[Any]]:
    """Return the items by what the path names of them."""
    found: dict[str, list[Any]] = {}
    for item in items:
        key = next((key for key in _SORTING if isinstance(item, dict) and key in item), None)
        found.setdefault("" if key is None else f"|{item[key]}", []).append(item)
    return found


def _root(node: Json, path: str) -> str:
    """Return where the paths inside an object start: anew in a resource."""
    return str(node.get("resourceType", path))
