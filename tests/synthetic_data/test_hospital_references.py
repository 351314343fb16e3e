"""The set stands on its own: well-formed unique ids, references that resolve, nothing that points ahead."""

import re
from collections.abc import Iterator
from typing import Any

from hospital_reading import PREFIXES


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, child in node.items():
            if key == "reference":
                yield child
            else:
                yield from references(child)
    elif isinstance(node, list):
        for child in node:
            yield from references(child)


def test_ids_are_client_assigned_with_a_letter_prefix(hospital):
    for one in hospital.resources:
        assert re.fullmatch(PREFIXES[one["resourceType"]], one["id"]), one["id"]
        assert len(one["id"]) <= 64


def test_ids_are_unique_per_type(hospital):
    assert len(hospital.by_reference) == len(hospital.resources)


def test_every_reference_resolves_to_a_resource_already_seen(hospital):
    seen = set()
    for one in hospital.resources:
        missing = [reference for reference in references(one) if reference not in seen]
        assert not missing, (one["id"], missing)
        seen.add(f"{one['resourceType']}/{one['id']}")


def test_the_load_order_is_the_announced_one(hospital):
    assert list(dict.fromkeys(one["resourceType"] for one in hospital.resources)) == list(PREFIXES)


def test_the_server_keeps_its_own_metadata(hospital):
    assert not any({"lastUpdated", "versionId"} & set(one.get("meta", {})) for one in hospital.resources)


def test_nothing_is_empty(hospital):
    def holes(node):
        if isinstance(node, dict | list):
            return not node or any(map(holes, node.values() if isinstance(node, dict) else node))
        return node is None or node == ""

    assert not [one["id"] for one in hospital.resources if holes(one)]


def test_a_caller_may_change_what_it_receives(hospital):
    first, second = hospital.of_type("Observation")[:2]
    first["category"][0]["coding"][0]["code"], kept = "changed", first["category"][0]["coding"][0]["code"]
    assert second["category"][0]["coding"][0]["code"] == "laboratory"
    first["category"][0]["coding"][0]["code"] = kept
