"""The set stands on its own: well-formed unique ids, references that resolve, nothing that points ahead."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

# The shapes of ids that others rely on; more types may come.
SHAPES = {
    "Organization": r"org-[a-z0-9-]+",
    "Location": r"loc-[a-z0-9-]+",
    "Practitioner": r"prac-\d{4}",
    "PractitionerRole": r"role-\d{4}",
    "Patient": r"pat-\d{7}",
    "Encounter": r"[a-z]+-\d{4}-\d{6}",
    "Condition": r"cond-\d{4}-\d{6}",
    "Observation": r"[a-z]+-(\d{4}-)?\d{6}",
    "ImagingStudy": r"img-\d{4}-\d{6}",
    "Group": r"group-[a-z-]+",
}


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, child in node.items():
            if key == "reference" and isinstance(child, str):
                yield child
            else:
                yield from references(child)
    elif isinstance(node, list):
        for child in node:
            yield from references(child)


def test_ids_are_client_assigned_with_a_letter_prefix(hospital):
    for one in hospital.resources:
        assert re.fullmatch(r"[a-z]+-[a-z0-9-]+", one["id"]), one["id"]
        assert len(one["id"]) <= 64


@pytest.mark.parametrize("kind", SHAPES)
def test_ids_have_the_shape_that_others_rely_on(hospital, kind):
    assert hospital.of_type(kind)
    assert not [one["id"] for one in hospital.of_type(kind) if not re.fullmatch(SHAPES[kind], one["id"])]


def test_encounters_and_laboratory_acts_have_ids_of_their_own(hospital):
    assert all(re.fullmatch(r"enc-\d{4}-\d{6}", one["id"]) for one in hospital.visits)
    assert all(re.fullmatch(r"obs-\d{4}-\d{6}", one["id"]) for one in hospital.laboratory)


def test_ids_are_unique_per_type(hospital):
    assert len(hospital.by_reference) == len(hospital.resources)


def test_every_reference_resolves_to_a_resource_already_seen(hospital):
    seen = set()
    for one in hospital.resources:
        missing = [reference for reference in references(one) if reference not in seen]
        assert not missing, (one["id"], missing)
        seen.add(f"{one['resourceType']}/{one['id']}")


def test_the_core_types_come_in_load_order(hospital):
    assert [kind for kind in hospital.types if kind in SHAPES] == list(SHAPES)


def test_the_server_keeps_its_own_metadata(hospital):
    assert not any({"lastUpdated", "versionId"} & set(one.get("meta", {})) for one in hospital.resources)


def test_nothing_is_empty(hospital):
    def holes(node):
        if isinstance(node, dict | list):
            return not node or any(map(holes, node.values() if isinstance(node, dict) else node))
        return node is None or node == ""

    assert not [one["id"] for one in hospital.resources if holes(one)]


def test_a_caller_may_change_what_it_receives(hospital):
    first, second = hospital.laboratory[:2]
    first["category"][0]["coding"][0]["code"], kept = "changed", first["category"][0]["coding"][0]["code"]
    assert second["category"][0]["coding"][0]["code"] == "laboratory"
    first["category"][0]["coding"][0]["code"] = kept
