"""Whatever a resource holds, a check ends with a report that repeats none of it."""

import copy
import random
from typing import Any

import orjson
import pytest
from resource_edits import VALID

from lab.validation.check import check, is_valid
from lab.validation.sentences import about, left_out

PRIVATE = "Dupont-1985-05-11"
VALUES = [
    None,
    True,
    0,
    -1.5,
    "",
    PRIVATE,
    [],
    [None],
    [[]],
    [PRIVATE],
    {},
    {"a": PRIVATE},
    {"reference": []},
]
SYSTEMS = ["urn:oid:1.2.250.1.213.1.4.10", "https://finess.esante.gouv.fr", "urn:oid:1.2.250.1.71.4.2.2"]


def _places(node: Any, path=()):
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from _places(value, (*path, key))


def _set(resource, path, value):
    changed = copy.deepcopy(resource)
    node = changed
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return changed


@pytest.mark.parametrize("name", VALID)
def test_a_check_survives_any_value_at_any_place(name):
    chance = random.Random(name)  # noqa: S311 - the same values each time
    for path in _places(VALID[name]):
        changed = _set(VALID[name], path, chance.choice(VALUES))
        report = check(changed)
        assert is_valid(changed) == (not report.errors and not _uncovered(report))
        sentences = [about(f) for f in report.findings] + [left_out(n) for n in report.not_checked]
        assert "Dupont" not in repr(report) + repr(sentences)


def _uncovered(report):
    return [n for n in report.not_checked if n.kind == "type"]


def _with_private_values(node: Any, chance) -> Any:
    if isinstance(node, dict):
        return {k: v if k == "resourceType" else _with_private_values(v, chance) for k, v in node.items()}
    if isinstance(node, list):
        return [_with_private_values(item, chance) for item in node]
    return chance.choice([PRIVATE, node])


@pytest.mark.parametrize("name", VALID)
def test_no_value_is_repeated_by_a_finding_or_by_the_coverage(name):
    chance = random.Random(name)  # noqa: S311
    for _ in range(20):
        report = check(_with_private_values(VALID[name], chance))
        assert PRIVATE not in repr(report)
        for item in report.not_checked:
            assert PRIVATE not in left_out(item).fr


def test_the_deepest_nesting_is_walked():
    depth = 480
    extension = b'{"url":"a","extension":[' * depth + b'{"url":"a","valueCode":"b"}' + b"]}" * depth
    resource = orjson.loads(b'{"resourceType":"Patient","extension":[' + extension + b"]}")
    assert check(resource).findings == ()
    assert is_valid(resource)


def test_the_resource_is_not_changed():
    for name, resource in VALID.items():
        before = orjson.dumps(resource)
        check(resource)
        is_valid(resource)
        assert orjson.dumps(resource) == before, name


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("value", [*VALUES, "²" * 15, "1" * 100_000])
def test_any_value_of_a_french_number_is_judged(system, value):
    check({"resourceType": "Patient", "identifier": [{"system": system, "value": value}]})
