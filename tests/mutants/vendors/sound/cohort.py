"""Level 4: which resources a client sees: those all of whose patients it may see.

``way`` says how a resource would come out: read, vread, history, search, chain, has, include, revinclude,
compartment, everything, export, write, reference.
"""

from collections.abc import Iterator
from typing import Any

from tests.mutants.vendors.sound.clients import Client
from tests.mutants.vendors.sound.message import Json
from tests.mutants.vendors.sound.store import Store

SOFT = {("Patient", "link"), ("Observation", "focus")}
"""Elements whose references may lead out of the cohort: what leads out is left out."""


class Cohort:
    """Looks membership up at each request."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.read: dict[str, tuple[Json, frozenset[str]]] = {}

    def members(self, group: str) -> frozenset[str]:
        """Return the active members of a Group."""
        body = self.store.current("Group", group) or {}
        known = self.read.get(group)
        if known is None or known[0] is not body:  # what is stored never changes, it is replaced
            active = [member.get("entity") for member in body.get("member", []) if not member.get("inactive")]
            known = self.read[group] = (body, frozenset(_named(active)))
        return known[1]

    def whole(self, client: Client) -> tuple[frozenset[str], ...]:
        """Return what decides whom a client sees: equal for as long as nobody has come or gone."""
        return tuple(self.members(group) for group in (client.group, client.opposed) if group)

    def patient(self, client: Client, id_: str) -> bool:
        """Tell whether a client may see a patient."""
        if client.opposed and id_ in self.members(client.opposed):
            return False
        return client.group is None or id_ in self.members(client.group)

    def sees(self, client: Client, resource: Json, way: str) -> bool:
        """Tell whether a client sees a resource."""
        del way
        if resource["resourceType"] == "Group" and client.group is not None:
            return resource["id"] == client.group
        return all(self.patient(client, id_) for id_ in patients(resource))

    def shown(self, client: Client, resource: Json, way: str) -> Json:
        """Return a visible resource without what of it leads out of the cohort."""
        del way
        type_ = resource["resourceType"]
        kept = dict(resource)
        for name in (name for known, name in SOFT if known == type_ and name in resource):
            items = [item for item in resource[name] if self._leads_inside(client, item)]
            kept[name] = items
            if not items:
                del kept[name]
        return kept

    def _leads_inside(self, client: Client, item: Json) -> bool:
        return all(self.patient(client, id_) for id_ in _named(item))


_READ: dict[int, tuple[Json, frozenset[str]]] = {}
_MOST_READ = 5_000


def patients(resource: Json) -> frozenset[str]:
    """Return every patient that a resource is of or refers to, soft references aside.

    What was found in a resource is kept for that very object: those that are stored never change.
    """
    known = _READ.get(id(resource))
    if known is None or known[0] is not resource:
        type_ = resource["resourceType"]
        own = {resource["id"]} if type_ == "Patient" and "id" in resource else set()
        hard = {name: value for name, value in resource.items() if (type_, name) not in SOFT}
        known = resource, frozenset(own | set(_named(hard)))
        if len(_READ) >= _MOST_READ:
            _READ.clear()
        _READ[id(resource)] = known
    return known[1]


def _named(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _named(item)
    elif isinstance(node, dict):
        reference = node.get("reference")
        if isinstance(reference, str) and "Patient/" in reference:
            yield reference.rpartition("Patient/")[2].partition("/")[0]
        if node.get("resourceType") == "Patient" and isinstance(node.get("id"), str):
            yield node["id"]
        for name, value in node.items():
            yield from _named([_anonymous(item) for item in value] if name == "contained" else value)


def _anonymous(contained: Json) -> Json:
    """Return a contained resource without its id, which names it within the one that contains it only."""
    return {name: value for name, value in contained.items() if name != "id"}
