"""JSON Patch against the examples of RFC 6902, and against what must hold of any document."""

import copy
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.fhir.response import FhirError
from lab.fhirserver.json_patch import json_patch


def patched(document: dict[str, Any], *operations: dict[str, Any]) -> dict[str, Any]:
    return json_patch(orjson.dumps(operations))(copy.deepcopy(document))


def refusal(document: dict[str, Any], *operations: dict[str, Any]) -> int:
    with pytest.raises(FhirError) as refused:
        patched(document, *operations)
    return refused.value.status


@pytest.mark.parametrize(
    ("document", "operation", "expected"),
    [
        ({"foo": "bar"}, {"op": "add", "path": "/baz", "value": "qux"}, {"foo": "bar", "baz": "qux"}),
        ({"foo": ["a", "b"]}, {"op": "add", "path": "/foo/1", "value": "x"}, {"foo": ["a", "x", "b"]}),
        ({"foo": ["a"]}, {"op": "add", "path": "/foo/-", "value": ["x"]}, {"foo": ["a", ["x"]]}),
        ({"foo": ["a"]}, {"op": "add", "path": "/foo/1", "value": "x"}, {"foo": ["a", "x"]}),
        ({"foo": 1}, {"op": "add", "path": "/foo", "value": None}, {"foo": None}),
        ({"foo": 1}, {"op": "add", "path": "", "value": {"a": 1}}, {"a": 1}),
        ({"foo": 1}, {"op": "add", "path": "/", "value": 2}, {"foo": 1, "": 2}),
        ({"a": 1, "b": 2}, {"op": "remove", "path": "/b"}, {"a": 1}),
        ({"foo": ["a", "x", "b"]}, {"op": "remove", "path": "/foo/1"}, {"foo": ["a", "b"]}),
        ({"a": 1, "b": 2}, {"op": "replace", "path": "/a", "value": 3}, {"a": 3, "b": 2}),
        ({"foo": ["a", "b"]}, {"op": "replace", "path": "/foo/1", "value": "x"}, {"foo": ["a", "x"]}),
        ({"a": {"x": 1}, "b": {}}, {"op": "move", "from": "/a/x", "path": "/b/y"}, {"a": {}, "b": {"y": 1}}),
        ({"f": ["a", "b", "c"]}, {"op": "move", "from": "/f/0", "path": "/f/2"}, {"f": ["b", "c", "a"]}),
        ({"f": ["a", "b"]}, {"op": "move", "from": "/f/1", "path": "/f/1"}, {"f": ["a", "b"]}),
        ({"a": [1]}, {"op": "copy", "from": "/a", "path": "/b"}, {"a": [1], "b": [1]}),
        ({"a/b": 1, "m~n": 2}, {"op": "remove", "path": "/a~1b"}, {"m~n": 2}),
        ({"a/b": 1, "~1": 2}, {"op": "remove", "path": "/~01"}, {"a/b": 1}),
        ({"a": 1}, {"op": "test", "path": "/a", "value": 1.0}, {"a": 1}),
        (
            {"a": {"x": [1, {"y": None}]}},
            {"op": "test", "path": "/a", "value": {"x": [1, {"y": None}]}},
            None,
        ),
        ({"a": 1}, {"op": "test", "path": "/a", "value": 1, "unheard": "of"}, None),
    ],
)
def test_the_examples_of_the_rfc(
    document: dict[str, Any], operation: dict[str, Any], expected: dict[str, Any] | None
) -> None:
    assert patched(document, operation) == (document if expected is None else expected)


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "add", "path": "/x/y", "value": 1},
        {"op": "add", "path": "/list/3", "value": 1},
        {"op": "add", "path": "/list/01", "value": 1},
        {"op": "add", "path": "/list/-1", "value": 1},
        {"op": "add", "path": "/list/1e0", "value": 1},
        {"op": "add", "path": "/list/²", "value": 1},
        {"op": "add", "path": "/text/0", "value": 1},
        {"op": "add", "path": "/null/0", "value": 1},
        {"op": "remove", "path": "/list/-"},
        {"op": "remove", "path": "/list/2"},
        {"op": "remove", "path": "/x"},
        {"op": "replace", "path": "/x", "value": 1},
        {"op": "replace", "path": "/list/2", "value": 1},
        {"op": "move", "from": "/x", "path": "/y"},
        {"op": "move", "from": "/object", "path": "/object/inside"},
        {"op": "move", "from": "", "path": "/x"},
        {"op": "copy", "from": "/list/-", "path": "/y"},
        {"op": "test", "path": "/x", "value": None},
        {"op": "test", "path": "/yes", "value": 1},
        {"op": "test", "path": "/list", "value": [1]},
        {"op": "test", "path": "/list", "value": {"0": 1, "1": 2}},
        {"op": "test", "path": "/text", "value": "TEXT"},
        {"op": "remove", "path": ""},
    ],
)
def test_what_does_not_fit_is_refused(operation: dict[str, Any]) -> None:
    document = {"list": [1, 2], "text": "text", "null": None, "object": {}, "yes": True}
    assert refusal(document, operation) == 422


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "add", "path": "x", "value": 1},
        {"op": "add", "path": "/~2", "value": 1},
        {"op": "add", "path": 1, "value": 1},
        {"op": "add", "value": 1},
        {"op": "move", "path": "/x"},
        {"op": "copy", "from": "x", "path": "/x"},
        {"op": "test", "path": "/x"},
        {"op": ["add"], "path": "/x", "value": 1},
        {"path": "/x"},
        [],
        None,
    ],
)
def test_what_is_no_operation_is_refused_before_any_is_applied(operation: Any) -> None:
    assert refusal({"a": 1}, {"op": "test", "path": "/a", "value": 2}, operation) == 400


NAMES = st.sampled_from(["", "a", "b", "~", "/", "~1", "0", "-", "é"])
DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab~/", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.dictionaries(NAMES, DOCUMENTS, max_size=4)


def places(node: Any, pointer: str = "") -> list[tuple[str, Any]]:
    """Every pointer of a document with its value, but the root's."""
    inner = (
        list(node.items())
        if isinstance(node, dict)
        else list(enumerate(node))
        if isinstance(node, list)
        else []
    )
    found = []
    for name, value in inner:
        here = f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}"
        found += [(here, value), *places(value, here)]
    return found


@given(OBJECTS, DOCUMENTS)
def test_what_is_added_is_there_and_can_be_removed(document: dict[str, Any], value: Any) -> None:
    for pointer, there in places({**document, "new": 1}):
        if isinstance(there, dict):
            continue
        add = {"op": "add", "path": pointer, "value": value}
        test = {"op": "test", "path": pointer, "value": value}
        changed = patched({**document, "new": 1}, add, test)
        if len(changed) > len(document) + 1:
            assert patched(changed, {"op": "remove", "path": pointer}) == {**document, "new": 1}


@given(OBJECTS)
def test_every_place_passes_its_own_test_and_moves_there_and_back(document: dict[str, Any]) -> None:
    for pointer, value in places(document):
        assert patched(document, {"op": "test", "path": pointer, "value": value}) == document
        there = {"op": "move", "from": pointer, "path": "/elsewhere"}
        back = {"op": "move", "from": "/elsewhere", "path": pointer}
        assert patched(document, there, back) == document
        assert patched(document, {"op": "replace", "path": pointer, "value": value}) == document
