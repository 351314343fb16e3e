"""Load a whole synthetic hospital: one transaction, the indexes made after it."""

from collections.abc import Iterable, Mapping
from typing import Any

from lab.fhir.strict_json import write
from lab.fhirserver.storage.catalogue import served_types
from lab.fhirserver.storage.store import Store, identified


def load(store: Store, resources: Iterable[Mapping[str, Any]]) -> int:
    """Store resources that are new, each under its own id, all or none; return how many.

    They are trusted, hence not validated. All get the time of the load as ``meta.lastUpdated``.

    Raises:
        ValueError: a resource has no id, its type is not served, or its id is taken.
    """
    served = frozenset(served_types(store.release))
    with store.transaction():
        updated = store.tick()
        with store.without_indexes() as empty:
            count = sum(_add(store, each, updated, served, awaited=not empty) for each in resources)
    store.settle()
    return count


def _add(
    store: Store, resource: Mapping[str, Any], updated: int, served: frozenset[str], *, awaited: bool
) -> int:
    type_, id_ = resource.get("resourceType"), resource.get("id")
    if type_ not in served or not isinstance(id_, str):
        message = f"Expected a resource of a served type with an id, got {type_}/{id_}."
        raise ValueError(message)
    whole = identified(resource, id_, 1, updated)
    try:
        k = store.insert(type_, id_, updated, "POST", write(whole), awaited=awaited)
    except store.key_taken:
        message = f"{type_}/{id_} is already stored: load into an empty store, or update it."
        raise ValueError(message) from None
    store.describe(k, whole)
    return 1
