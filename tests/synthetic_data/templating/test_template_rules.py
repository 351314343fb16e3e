"""Templates: what a missing value takes away, how values are written, what is refused."""

import json

import numpy as np
import pyarrow as pa
import pytest

from synthetic_data.templating import fill as filling
from synthetic_data.templating.columns import (
    Coded,
    Plain,
    Rows,
    decimals,
    digits,
    fixed,
    integers,
    joined,
    json_values,
    pick,
    texts,
)  # fmt: skip
from synthetic_data.templating.shape import parse


@pytest.fixture
def fill(monkeypatch):
    """Fill a template with columns, or with one value for each placeholder; give the lines as they are."""

    def lines(template, rows=1, **given):
        monkeypatch.setattr(filling, "shape", lambda _name: parse(template))
        columns = {
            name: value
            if isinstance(value, Coded | Plain)
            else json_values([value])
            if not isinstance(value, str)
            else texts([value])
            for name, value in given.items()
        }
        return filling.fill(Rows("sample", rows, columns)).to_pylist()

    return lines


def test_values_keep_their_type_alone_and_become_text_inside_a_text(fill):
    shape = {"id": "$id", "count": "$count", "link": "Patient/$id", "said": "n° $count"}
    (line,) = fill(shape, id="p1", count=3)
    assert line == '{"id":"p1","count":3,"link":"Patient/p1","said":"n° 3"}'


def test_a_missing_value_takes_away_the_object_that_holds_it(fill):
    shape = {
        "id": "$id",
        "telecom": [{"use": "home", "value": "$home"}, {"use": "mobile", "value": "$mobile"}],
    }
    home, mobile = texts([None, "05", None]), texts(["06", None, None])
    assert [json.loads(line) for line in fill(shape, 3, id=texts("abc"), home=home, mobile=mobile)] == [
        {"id": "a", "telecom": [{"use": "mobile", "value": "06"}]},
        {"id": "b", "telecom": [{"use": "home", "value": "05"}]},
        {"id": "c"},
    ]


def test_an_optional_value_takes_away_only_its_element(fill):
    shape = {"id": "$id", "period": {"start": "$start", "end": "$end?"}}
    lines = fill(shape, 2, id=texts("ab"), start=texts(["2023", "2022"]), end=texts([None, "2024"]))
    assert lines == [
        '{"id":"a","period":{"start":"2023"}}',
        '{"id":"b","period":{"start":"2022","end":"2024"}}',
    ]


def test_an_object_left_without_values_goes_with_its_constants(fill):
    shape = {
        "id": "$id",
        "extension": [{"url": "http://x", "valueCoding": {"system": "http://y", "code": "$code"}}],
    }
    assert fill(shape, id="p1", code=texts([None])) == ['{"id":"p1"}']


def test_constants_stay_even_when_values_are_missing(fill):
    shape = {"id": "$id", "category": [{"code": "lab"}], "note": "$note?"}
    assert fill(shape, id="p1", note=texts([None])) == ['{"id":"p1","category":[{"code":"lab"}]}']


@pytest.mark.parametrize("shared", [True, False])
def test_a_coded_value_may_be_missing_for_some_codes(fill, shared):
    codes = np.array([0, 1, 2])
    other = codes if shared else codes.copy()
    shape = {"id": "$id", "range": {"low": "$low?", "high": "$high?", "text": "normal"}}
    lines = fill(
        shape, 3, id=texts("abc"), low=Coded(codes, [1, None, None]), high=Coded(other, [2, 3, None])
    )
    assert lines == [
        '{"id":"a","range":{"low":1,"high":2,"text":"normal"}}',
        '{"id":"b","range":{"high":3,"text":"normal"}}',
        '{"id":"c"}',
    ]


def test_numbers_that_python_holds_equal_are_not_mixed_up(fill):
    """1, 1.0 and true are equal keys of a Python dictionary: what is remembered must tell them apart."""
    codes = np.array([0])
    for value, written in ((1, "1"), (1.0, "1.0"), (True, "true"), ("1", '"1"')):
        assert fill({"a": {"v": "$v"}}, v=Coded(codes, [value])) == [f'{{"a":{{"v":{written}}}}}']


def test_the_zeros_that_end_a_decimal_are_kept(fill):
    scaled = np.array([840, 84, 8400, 5, 0, 12])
    places = np.array([2, 1, 3, 3, 2, 0])
    lines = fill({"v": "$v"}, 6, v=decimals(scaled, places))
    assert lines == [f'{{"v":{text}}}' for text in ("8.40", "8.4", "8.400", "0.005", "0.00", "12")]


def test_texts_are_escaped_once_and_kept_as_they_are(fill):
    hard = 'Étienne "d\'Oc" \\ \n\t\u0001 \u2028 \U0001d4b3 日本 ß </script>'
    columns = {"t": texts([hard]), "p": pick([hard], np.array([0])), "c": Coded(np.array([0]), [hard])}
    shape = {"t": "$t", "p": "é/$p", "c": "$c", "both": ["“ $t", {"in": "$c", 'k"é\\': "$c"}]}
    (line,) = fill(shape, **columns)
    assert json.loads(line) == {
        "t": hard,
        "p": f"é/{hard}",
        "c": hard,
        "both": [f"“ {hard}", {"in": hard, 'k"é\\': hard}],
    }
    assert "Étienne" in line
    assert "\n" not in line


def test_columns_of_one_width_may_have_missing_rows(fill):
    numbers, present = np.array([7, 0, 12345]), np.array([True, False, True])
    shape = {"id": "$id", "n": "$n?", "d": "$d?", "f": "$f?"}
    matrix = np.frombuffer(b"abcdef", np.uint8).reshape(3, 2)
    lines = fill(
        shape, 3, id=texts("abc"), n=integers(numbers, present), d=digits("x-", numbers, 5, present),
        f=fixed(matrix, present),
    )  # fmt: skip
    assert lines == [
        '{"id":"a","n":7,"d":"x-00007","f":"ab"}',
        '{"id":"b"}',
        '{"id":"c","n":12345,"d":"x-12345","f":"ef"}',
    ]


def test_lists_of_children_are_joined_row_by_row(fill):
    children = Plain(pa.array(['{"n":1}', '{"n":2}', '{"n":3}']), text=False)
    lines = fill({"id": "$id", "s": "$s"}, 3, id=texts("abc"), s=joined(children, np.array([0, 2, 2, 3])))
    assert lines == [
        '{"id":"a","s":[{"n":1},{"n":2}]}',
        '{"id":"b","s":[]}',
        '{"id":"c","s":[{"n":3}]}',
    ]


def test_lines_hold_one_resource_each_and_no_row_gives_no_byte(monkeypatch):
    monkeypatch.setattr(filling, "shape", lambda _name: parse({"id": "$id"}))
    assert (
        bytes(filling.ndjson(Rows("sample", 2, {"id": texts(["é", "b"])}))).decode()
        == '{"id":"é"}\n{"id":"b"}\n'
    )
    assert bytes(filling.ndjson(Rows("sample", 0, {"id": texts([])}))) == b""


def test_a_missing_column_is_refused_by_name(fill):
    with pytest.raises(ValueError, match=r"^sample.json asks for \$colour; it may use id, size$"):
        fill({"id": "$id", "x": "$colour"}, id="p1", size=3)
    with pytest.raises(ValueError, match=r"asks for \$colour"):
        fill({"id": "$id", "deep": [{"x": "#$colour?"}]}, id="p1")


def test_a_first_level_without_its_value_is_refused(fill):
    with pytest.raises(ValueError, match=r"^sample.json lacks a value of its first level"):
        fill({"id": "$id"}, 2, id=texts(["a", None]))


@pytest.mark.parametrize("text", ["$a $b", "$A", "$", "5 $"])
def test_what_is_no_single_placeholder_is_refused(text):
    with pytest.raises(ValueError, match="one \\$placeholder"):
        parse({"text": text})


def test_a_template_without_a_placeholder_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        parse({"resourceType": "Patient"})
