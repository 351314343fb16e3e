"""What a client may have done to a hospital by one request: nothing to what it cannot see.

Spec: ``docs/five-levels.md``, section 4 (writes) and 5 (PUT by a client with masks); promise P5
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lab.proof.reference.client import Client
from lab.proof.reference.cohort import Hospital, labelled

Json = dict[str, Any]
_POOLS = frozenset({"Group", "List"})
_WRITES = ("create", "update", "patch")


@dataclass(frozen=True)
class Snapshot:
    """A hospital at a moment."""

    hospital: Hospital


def damage(client: Client, before: Snapshot, after: Snapshot) -> str:
    """Return what a request has changed that its client cannot see, empty for nothing."""
    one, two = before.hospital.by_name, after.hospital.by_name
    for name in sorted(one.keys() | two.keys()):
        old, new = one.get(name), two.get(name)
        if old == new:
            continue
        if (new or old or {})["resourceType"] in _POOLS:
            return f"damage: {name} was written, which cohorts are made of"
        if old is not None and not client.ever_sees(before.hospital, old):
            return f"damage: {name}, which is hidden, was changed"
        if new is not None and not any(client.sees(after.hospital, action, new) for action in _WRITES):
            return f"damage: {name} was written out of the view"
        if old is not None and new is not None and (lost := _lost(client, old, new)):
            return f"damage: the hidden {lost} of {name} was changed"
        if new is not None and (label := _cohort_made(client, old or {}, new)):
            return f"damage: {name} was given, or lost, the label {label} of a cohort"
    return ""


def _lost(client: Client, old: Json, new: Json) -> str:
    """Return the first masked path, or label, that holds other values than before."""
    own = [mask for mask in client.masks if mask.partition(".")[0] == old["resourceType"]]
    for name in ("security", "tag") if own else ():
        if old.get("meta", {}).get(name) != new.get("meta", {}).get(name):
            return f"meta.{name}"
    for mask in own:
        plain, _, systems = mask.partition(".where(")
        path = plain.split(".")
        if systems:
            hidden = frozenset(re.findall("'([^']+)'", systems))
            if _of_systems(old, path[1], hidden) != _of_systems(new, path[1], hidden):
                return mask
            continue
        if list(_values(old, path[1:])) != list(_values(new, path[1:])):
            return mask
    return ""


def _of_systems(resource: Json, name: str, systems: frozenset[str]) -> list[Json]:
    return [item for item in resource.get(name, ()) if item.get("system") in systems]


def _values(node: Any, names: list[str]) -> Iterator[Any]:
    if isinstance(node, list):
        for item in node:
            yield from _values(item, names)
    elif not names:
        yield node
    elif isinstance(node, dict):
        name = names[0]
        for key, value in node.items():
            plain = key.removeprefix("_")
            if plain == name or (plain.startswith(name) and plain[len(name)].isupper()):
                yield from _values(value, names[1:])


def _cohort_made(client: Client, old: Json, new: Json) -> str:
    """Return a label that the rules are written with and that the client has put or taken away."""
    named = {label for rule in client.rules for s in rule.selections for label in s.labels}
    changed = (label for label in sorted(named) if labelled(old, label) != labelled(new, label))
    return next(changed, "") if old else ""
