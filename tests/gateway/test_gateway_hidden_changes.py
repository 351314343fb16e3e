"""What a change tells through masks: held against the masks themselves, on resources changed at random."""

import copy
import random

import pytest
from test_gateway_write_back import LABELLED, MASKS, RICH

from lab.fhir.changed_paths import changed_paths
from lab.fhir.element_path import parse_path
from lab.fhir.hidden import hides
from lab.gateway.mask import compile_mask
from lab.gateway.seen import Eyes
from synthetic_data import HospitalPlan, generate

VALUES = ("x", "y", 3, True, {"text": "z"}, [{"text": "z"}], [])


def hospital():
    several = {}
    for resource in generate(HospitalPlan(seed=5, patients=8)):
        several.setdefault(resource["resourceType"], []).append(resource)
    return [RICH, LABELLED, *(one for each in several.values() for one in each[:6])]


def places(node):
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from places(value)
    elif isinstance(node, list):
        for item in node:
            yield from places(item)


def change(rng, resource):
    """Change, add or remove something, most often one thing."""
    for _ in range(rng.choice((1, 1, 1, 2))):
        node = rng.choice(list(places(resource)))
        keys = [key for key in node if key not in {"resourceType", "id", "meta", "versionId"}]
        if len(node) < 2 or not keys:  # JSON of FHIR has no empty objects
            continue
        key = rng.choice(keys)
        value = node[key]
        match rng.randrange(4):
            case 0:
                del node[key]
            case 1 if isinstance(value, list) and value:
                value.insert(rng.randrange(len(value)), copy.deepcopy(rng.choice(value)))
            case 2 if isinstance(value, list) and value:
                value.pop(rng.randrange(len(value)))
                if not value:
                    del node[key]
            case _ if isinstance(value, str):
                node[key] = rng.choice(("changed", "changed too"))
            case _:
                del node[key]
    return resource


@pytest.mark.parametrize("case", MASKS)
def test_a_change_shows_if_and_only_if_the_resource_looks_different(case):
    rng = random.Random(case)  # noqa: S311 - tests, not secrets
    masks = tuple(map(parse_path, MASKS[case]))
    eyes = Eyes(compile_mask(masks))
    shown = unseen = 0
    for before in hospital():
        for _ in range(60):
            after = change(rng, copy.deepcopy(before))
            paths = changed_paths(before, after)
            assert bool(paths) is (before != after)
            looks = [eyes.see(copy.deepcopy(each)) for each in (before, after)]
            visible = {path for path in paths if not hides(masks, path)}
            assert bool(visible) is (looks[0] != looks[1]), (paths, visible)
            shown += bool(visible)
            unseen += bool(paths) and not visible
    assert shown > 50
    assert unseen > 10
