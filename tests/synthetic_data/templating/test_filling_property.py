"""Filling by columns gives, row by row, what the three rules give: random templates, random columns."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from row_by_row import GONE, filled, holds_values

from synthetic_data.templating import fill as filling
from synthetic_data.templating.columns import Coded, Column, Rows, json_values, pick, texts
from synthetic_data.templating.shape import parse

NAMES = ("a", "b", "c", "d", "e_f")
_WHOLE = re.compile(r"\$[a-z_]+\??")
_TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="$"), max_size=6)
_SCALARS = st.one_of(_TEXTS, st.integers(-(10**12), 10**12), st.booleans())
_VALUES = st.one_of(
    _SCALARS,
    st.floats(-1e6, 1e6, allow_nan=False).map(lambda x: round(x, 3)),
    st.lists(_SCALARS, max_size=2),
    st.dictionaries(st.sampled_from("xyz"), _SCALARS, max_size=2),
)
_SLOTS = st.tuples(_TEXTS, st.sampled_from(NAMES), st.sampled_from(["", "?"]), _TEXTS, st.booleans()).map(
    lambda s: f"${s[1]}{s[2]}" if s[4] else f"{s[0]}${s[1]}{s[2] or ' '}{s[3]}"
)
_CONSTANTS = st.one_of(_TEXTS, st.integers(-5, 5), st.booleans(), st.just([]), st.just({}), st.just({"k": 1}))


def _nodes(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    keys = st.text('klmnoé"\\', min_size=1, max_size=2)
    return st.one_of(st.lists(children, max_size=4), st.dictionaries(keys, children, max_size=4))


_TEMPLATES = st.dictionaries(
    st.text("pqrs", min_size=1, max_size=2),
    st.recursive(st.one_of(_SLOTS, _SLOTS, _CONSTANTS), _nodes, max_leaves=12),
    min_size=1,
    max_size=5,
).filter(holds_values)


@st.composite
def _columns(draw: st.DrawFn, count: int) -> tuple[dict[str, Column], list[dict[str, Any]]]:
    """Draw a column for each name, and the same rows as plain values."""
    shared = [
        np.array(draw(st.lists(st.integers(0, 3), min_size=count, max_size=count)), np.int64) for _ in "ab"
    ]
    columns: dict[str, Column] = {}
    rows: list[dict[str, Any]] = [{} for _ in range(count)]
    for name in NAMES:
        missing = draw(st.booleans())  # otherwise nothing is ever missing, and other paths are taken
        values = _VALUES if not missing else st.one_of(st.none(), _VALUES)
        kind = draw(st.sampled_from(["shared", "shared", "own", "text", "json", "picked"]))
        if kind in ("shared", "own"):
            codes = shared[draw(st.integers(0, 1))]
            table = draw(st.lists(values, min_size=4, max_size=4))
            columns[name] = Coded(codes if kind == "shared" else codes.copy(), table)
            cells = [table[code] for code in codes]
        elif kind == "picked":
            codes = shared[0]
            table = draw(st.lists(_TEXTS | st.none() if missing else _TEXTS, min_size=4, max_size=4))
            columns[name], cells = pick(table, codes), [table[code] for code in codes]
        elif kind == "text":
            cells = draw(st.lists(_TEXTS | st.none() if missing else _TEXTS, min_size=count, max_size=count))
            columns[name] = texts(cells)
        else:
            cells = draw(st.lists(values, min_size=count, max_size=count))
            columns[name] = json_values(cells)
        for row, cell in zip(rows, cells, strict=True):
            row[name] = cell
    return columns, rows


@st.composite
def _cases(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Column], list[dict[str, Any]]]:
    template = draw(_TEMPLATES)
    columns, rows = draw(_columns(draw(st.integers(0, 6))))
    return template, columns, rows


def _partial_texts(node: Any) -> Iterator[str]:
    """Give the names of the values that stand within a longer text."""
    if isinstance(node, dict | list):
        for child in node.values() if isinstance(node, dict) else node:
            yield from _partial_texts(child)
    elif isinstance(node, str) and "$" in node and not _WHOLE.fullmatch(node):
        yield next(name for name in sorted(NAMES, key=len, reverse=True) if f"${name}" in node)


def _said_by_the_rules(template: Any, columns: dict[str, Column], rows: list[dict[str, Any]]) -> bool:
    """Tell whether longer texts take texts and whole numbers: how others are written there is not said."""
    for name in _partial_texts(template):
        column = columns[name]
        usual = (str, int) if isinstance(column, Coded) or column.text else (int,)
        if any(row[name] is not None and type(row[name]) not in usual for row in rows):
            return False
    return True


@contextmanager
def _reading(template: dict[str, Any]) -> Iterator[None]:
    """Let `fill` read this template instead of a file."""
    parsed = parse(template)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(filling, "shape", lambda _name: parsed)
        yield


@settings(max_examples=150)
@given(_cases())
def test_columns_give_what_the_rules_give(case):
    template, columns, rows = case
    assume(_said_by_the_rules(template, columns, rows))
    expected = [filled(template, row) for row in rows]
    with _reading(template):
        if GONE in expected:
            with pytest.raises(ValueError, match="first level"):
                filling.fill(Rows("drawn", len(rows), columns))
            return
        got = filling.fill(Rows("drawn", len(rows), columns)).to_pylist()
    assert [json.loads(one) for one in got] == [json.loads(json.dumps(one)) for one in expected]
    assert [list(json.loads(one)) for one in got] == [list(one) for one in expected]
