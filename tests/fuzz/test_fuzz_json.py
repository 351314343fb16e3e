"""JSON of requests: what is accepted, all read alike; what somebody could read otherwise is refused."""

import json
import math

import orjson
import pytest
from fuzzing import fuzz
from hypothesis import example, given
from hypothesis import strategies as st

from lab.fhir import strict_json
from lab.fhir.response import FhirError
from lab.fhir.strict_json import MAX_DEPTH

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
NUMBERS = st.one_of(
    st.integers(-(10**17) + 1, 10**17), st.floats(allow_nan=False, allow_infinity=False), st.just(-0.0)
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXT),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=12,
)
OBJECTS = st.dictionaries(TEXT, VALUES, max_size=4)
PIECES = st.sampled_from(
    [
        *(
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            '"',
            "a",
            "\\",
            "\\u0000",
            "\\ud800",
            "\\udc00",
            "1",
            "-",
            "1.50",
            "e",
        ),
        *(
            "NaN",
            "Infinity",
            "true",
            "null",
            " ",
            "\t",
            "\n",
            "\x0b",
            "\x00",
            "\ufeff",
            "é",
            "0",
            "01",
            "1e999",
        ),
    ]
)
WRONG = [
    *("NaN", "Infinity", "-Infinity", "1e999", "-1e400", '"\\ud800"', '"\\udc00\\ud800"', "01", "1.", ".5"),
    *("1" * 19, "0x1", "+1", "'a'", "1_0", "True", "undefined", "[1,]", '{"a":1,}', '"\t"', '"\\x41"', ""),
]


def read(body: bytes):
    try:
        return strict_json.read_value(body)
    except FhirError as error:
        return FhirError if error.status == 400 else error


def alike(ours, theirs):
    """Tell whether two values are equal, numbers by what they are."""
    if isinstance(ours, float) and isinstance(theirs, int | float):
        return math.isclose(ours, theirs, rel_tol=0, abs_tol=0) or ours == theirs
    return ours == theirs


@fuzz
@given(OBJECTS, st.booleans())
def test_what_others_write_is_read_and_written_back(value, ascii_only):
    body = json.dumps(value, ensure_ascii=ascii_only).encode()
    found = strict_json.read(body)
    assert found == value == orjson.loads(strict_json.write(found))
    assert strict_json.exact(strict_json.write(found)) == found


@fuzz
@example('{"a":1,"\\u0061":2}')
@example('{"a":"\\ud800"}')
@given(st.lists(PIECES, max_size=14).map("".join))
def test_what_is_accepted_is_read_alike_by_two_others(text):
    body = text.encode("utf-8")
    found = read(body)
    if found is FhirError:
        return
    assert alike(found, json.loads(body))
    assert alike(found, orjson.loads(body))


@fuzz
@given(st.binary(max_size=12))
def test_bytes_are_read_or_refused(body):
    found = read(body)
    if found is not FhirError:
        assert alike(found, orjson.loads(body))


@fuzz
@given(OBJECTS, TEXT, VALUES, VALUES, st.data())
def test_a_key_that_is_there_twice_is_refused_wherever_it_stands(around, name, one, other, data):
    key = json.dumps(name)
    escaped = '"' + "".join(f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else sign for sign in name) + '"'
    twice = f"{{{key}:{json.dumps(one)},{data.draw(st.sampled_from([key, escaped]))}:{json.dumps(other)}}}"
    hidden = data.draw(st.sampled_from([twice, f"[{twice}]", f'{{"x":{twice}}}']))
    body = json.dumps({**around, "here": "HERE"}).replace('"HERE"', hidden).encode()
    assert read(body) is FhirError


@fuzz
@given(OBJECTS, st.sampled_from(WRONG))
def test_a_value_that_is_none_is_refused_wherever_it_stands(around, value):
    assert read(json.dumps({**around, "here": "HERE"}).replace('"HERE"', value).encode()) is FhirError


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1"])
def test_another_encoding_is_refused(encoding):
    assert read('{"a":"é"}'.encode(encoding)) is FhirError


@fuzz
@given(st.integers(1, 200), st.lists(st.booleans(), min_size=1, max_size=5))
def test_a_depth_is_counted_whatever_is_nested(depth, kinds):
    nested = "1"
    for level in range(depth):
        nested = f"[{nested}]" if kinds[level % len(kinds)] else f'{{"a":{nested}}}'
    assert (read(nested.encode()) is FhirError) == (depth > MAX_DEPTH)


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"a":'])
@pytest.mark.parametrize("depth", [10_000, 1_000_000])
def test_a_bottomless_nesting_is_refused_and_not_followed(opening, depth):
    assert read(opening * depth) is FhirError
