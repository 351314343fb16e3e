"""Columns say what parsing each line says."""

import json
from datetime import datetime

import numpy as np
import pytest

from synthetic_data.verification.blocks import Block
from synthetic_data.verification.folder import open_folder
from synthetic_data.verification.frames import offsets, read_block
from synthetic_data.verification.instants import ABSENT
from synthetic_data.verification.layout import DuplicateNameError, UnsteadyError, layout, parse
from synthetic_data.verification.shapes import PARSED, Shapes


def walk(value, path=""):
    """Give the values of a resource by path, in the most ordinary way."""
    if isinstance(value, dict):
        for name, child in value.items():
            yield from walk(child, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for rank, child in enumerate(value):
            yield from walk(child, f"{path}[{rank}]")
    else:
        yield path, value


def test_columns_and_parsing_agree_on_every_value_of_a_hospital(small):
    folder = open_folder(small)
    for file in folder.files:
        if file.type == "Group":
            continue  # thousands of members: as many paths
        content = read_block(small, file, next(offsets(file)))[:3_000_000]
        content = content[: content.rfind(b"\n") + 1]
        lines = [dict(walk(json.loads(line))) for line in content.splitlines()]
        block = Block(file.name, file.type, content, Shapes())
        assert len(block) == len(lines)
        for path in sorted({path for line in lines for path in line}):
            expected = [line.get(path) for line in lines]
            seen = [text.decode() for text in block.text(path).tolist()]
            assert list(map(same, expected, seen)) == [True] * len(lines), path


def same(value, text):
    """Compare a parsed value with a text; 5.0 and 5.00 are one number."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(text) == value
    return text == {None: "", True: "true", False: "false"}.get(value, value)


def block_of(*lines, type_="Observation"):
    return Block("file", type_, b"".join(line.encode() + b"\n" for line in lines), Shapes())


def same_shape(count=8):
    return [
        f'{{"resourceType":"Observation","id":"obs-0000-00000{rank}","subject":{{"reference":"Patient/pat-000000{rank}"}},'
        f'"issued":"2023-0{rank + 1}-0{rank + 1}T10:00:0{rank}+02:00","text":"é{rank}","value":{rank}.5}}'
        for rank in range(count)
    ]


def test_lines_that_differ_by_digits_have_one_shape():
    block = block_of(*same_shape())
    assert len(set(block.shape.tolist())) == 1
    assert block.shape[0] != PARSED
    assert block.text("text").tolist() == [f"é{rank}".encode() for rank in range(8)]
    assert block.numbers("value", np.ones(8, bool)).tolist() == [rank + 0.5 for rank in range(8)]
    keys = block.keys("subject.reference")
    assert keys.number.tolist() == list(range(8))
    assert keys.text(3) == "Patient/pat-0000003"
    assert block.keys("id").text(4) == "Observation/obs-0000-000004"
    expected = [int(datetime.fromisoformat(json.loads(line)["issued"]).timestamp()) for line in same_shape()]
    assert block.instants("issued").seconds.tolist() == expected
    assert block.text("nowhere").tolist() == [b""] * 8
    assert block.instants("nowhere").seconds.tolist() == [ABSENT] * 8


@pytest.mark.parametrize(
    "tail",
    [
        r'"note":"a \u00e91"',  # digits of an escape
        '"v1":"x"',  # digits of a name
        '"count":1234567890123',  # an integer that could be out of bounds
    ],
)
def test_lines_whose_digits_do_more_are_parsed_one_by_one(tail):
    lines = [f'{{"resourceType":"Observation","id":"o-{rank}",{tail}}}' for rank in range(8)]
    block = block_of(*lines)
    assert set(block.shape.tolist()) == {PARSED}
    assert block.text("id").tolist() == [f"o-{rank}".encode() for rank in range(8)]


def test_keys_with_many_digits_stay_whole():
    lines = [f'{{"resourceType":"Observation","id":"{10**20 + rank}"}}' for rank in range(5)]
    keys = block_of(*lines).keys("id")
    assert [keys.text(rank) for rank in range(5)] == [f"Observation/{10**20 + rank}" for rank in range(5)]


def test_broken_lines_are_named_and_the_others_read():
    lines = same_shape()
    lines[2] = '{"resourceType":'
    lines[5] = '["no object"]'
    block = block_of(*lines)
    assert sorted(block.broken) == [2, 5]
    assert block.keys("id").number.tolist() == [0, 1, 0, 3, 4, 0, 6, 7]


def test_a_layout_gives_the_place_of_each_value():
    line = '{"a":[{"b":"é7"},{"b":"x"}],"c":12.50,"d":true}'.encode()
    places = layout(line)
    assert {path: line[p.offset : p.offset + p.length] for path, p in places.items()} == {
        "a[0].b": "é7".encode(), "a[1].b": b"x", "c": b"12.50", "d": b"true",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("line", "error"), [(b'{"a":{"b":1,"b":2}}', DuplicateNameError), (rb'{"a":"\n"}', UnsteadyError)]
)
def test_what_has_no_layout(line, error):
    with pytest.raises(error):
        layout(line)


@pytest.mark.parametrize("line", [b'{"a":1,"a":2}', b"[1]", b"{", b'{"a":01}', b'{"a":"\xff"}'])
def test_strict_parsing(line):
    with pytest.raises(ValueError):  # noqa: PT011 - that of orjson or ours
        parse(line)
