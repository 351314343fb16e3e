"""Fill a template with columns: all rows at once, straight to NDJSON bytes.

A filled node is a list of pieces to put end to end: constant text, coded text, or one text for each row.
Pieces that depend on the same codes are put together once for each code.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from itertools import repeat
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from synthetic_data.templating.columns import Coded, Column, Rows, escaped
from synthetic_data.templating.one import fill_one, slot_text, slots
from synthetic_data.templating.shape import Constant, Node, Part, Slot, shape

_Piece = Any  # str | Coded | pa.StringArray; Arrow has no types of its own yet
# Arrow guesses the type of a Python text, at ten times the price of a join: it looks for dateutil each time.
_NOTHING = pa.scalar("", pa.string())


@dataclass(frozen=True, slots=True)
class _Filled:
    """The pieces of a node; `nullable`: some rows lack it, and then one of its pieces is null."""

    pieces: tuple[_Piece, ...]
    nullable: bool = False


def fill(rows: Rows) -> pa.StringArray:
    """Give the resources as JSON texts, one for each row.

    ValueError when the template names a value that is not given, or when a row lacks a value of its first
    level that is not optional.
    """
    return _texts(rows, "")


def ndjson(rows: Rows) -> memoryview:
    """Give the resources as NDJSON, one a line."""
    if rows.count == 0:
        return memoryview(b"")
    lines = _texts(rows, "\n")
    first, last = lines.offset, lines.offset + len(lines)
    offsets = memoryview(lines.buffers()[1]).cast("i")
    return memoryview(lines.buffers()[2])[offsets[first] : offsets[last]]


def _texts(rows: Rows, ending: str) -> pa.StringArray:
    """Fill a template and end each text; the ending is one more piece, since adding it later copies all."""
    filled = _node(shape(rows.template), rows)
    array = _array(_Filled((*filled.pieces, ending)), rows.count)
    if array.null_count:
        raise ValueError(
            f"{rows.template}.json lacks a value of its first level: write it with a ? if optional"
        )
    return array


def _node(node: Node, rows: Rows) -> _Filled:
    if isinstance(node, Constant):
        return _Filled((node.text,))
    if isinstance(node, Slot):
        return _slot(node, rows)
    return _part(node, rows)


def _slot(slot: Slot, rows: Rows) -> _Filled:
    column = _column(slot, rows)
    if isinstance(column, Coded):
        values = tuple(slot_text(slot, value) for value in column.values)
        return _Filled((Coded(column.codes, values),), nullable=None in values)
    nullable = column.array.null_count > 0
    if column.text or not slot.whole:
        return _Filled((f'"{escaped(slot.before)}', column.array, f'{escaped(slot.after)}"'), nullable)
    return _Filled((column.array,), nullable)


def _column(slot: Slot, rows: Rows) -> Column:
    if slot.name not in rows.columns:
        known = ", ".join(sorted(rows.columns))
        raise ValueError(f"{rows.template}.json asks for ${slot.name}; it may use {known}")
    return rows.columns[slot.name]


def _part(part: Part, rows: Rows) -> _Filled:
    """Fill an object or a list; see the rules of `shape`."""
    coded = _one_coding(part, rows)
    if coded is not None:
        return coded
    members = [_member(part, rank, _node(child, rows)) for rank, child in enumerate(part.children)]
    opening, closing = ("{", "}") if part.keys is not None else ("[", "]")
    needed = [isinstance(child, Slot) and not child.optional for child in part.children]
    holders = [not isinstance(child, Constant) for child in part.children]
    if not any(member.nullable for member in members):
        return _Filled((opening, *_separated([m.pieces for m in members]), closing))
    certain = any(holds and not m.nullable for holds, m in zip(holders, members, strict=True))
    vanishing = any(need and m.nullable for need, m in zip(needed, members, strict=True))
    # A needed value that is missing makes its piece null, hence the whole text: nothing more to do for it.
    body = _Filled((opening, *_with_gaps(members, needed, rows.count), closing), nullable=vanishing)
    if certain or vanishing:
        return body
    holding = [member for holds, member in zip(holders, members, strict=True) if holds]
    present = [pc.is_valid(_array(member, rows.count)) for member in holding]
    alive = reduce(pc.or_, present)
    return _Filled((pc.if_else(alive, _array(body, rows.count), None),), nullable=True)


def _member(part: Part, rank: int, child: _Filled) -> _Filled:
    if part.keys is None:
        return child
    return _Filled((f'"{part.keys[rank]}":', *child.pieces), child.nullable)


def _separated(members: Sequence[tuple[_Piece, ...]]) -> Iterable[_Piece]:
    for rank, pieces in enumerate(members):
        if rank:
            yield ","
        yield from pieces


def _with_gaps(members: Sequence[_Filled], needed: Sequence[bool], count: int) -> Iterable[_Piece]:
    """Put members end to end when some are missing in some rows: each brings its own comma.

    The first member that is always there needs none; those before it bring theirs after, the others before.
    """
    always = [need or not member.nullable for need, member in zip(needed, members, strict=True)]
    if True not in always:
        gaps = [pc.coalesce(_array(_Filled((*m.pieces, ",")), count), _NOTHING) for m in members]
        yield pc.ascii_rtrim(pc.binary_join_element_wise(*gaps, _NOTHING), characters=",")
        return
    pivot = always.index(True)
    for rank, member in enumerate(members):
        before, after = ("", ",") if rank < pivot else (",", "") if rank > pivot else ("", "")
        pieces = (before, *member.pieces, after)
        if always[rank]:
            yield from pieces
        else:
            yield pc.coalesce(_array(_Filled(pieces), count), _NOTHING)


def _one_coding(part: Part, rows: Rows) -> _Filled | None:
    """Fill a part that depends on one coding only, once for each code; None when it depends on more."""
    names = slots(part)
    columns = [rows.columns.get(name) for name in names]
    codings = [column for column in columns if isinstance(column, Coded)]
    if len(codings) < len(columns) or any(one.codes is not codings[0].codes for one in codings):
        return None
    values = _by_code(part, names, tuple(orjson.dumps(one.values) for one in codings))
    return _Filled((Coded(codings[0].codes, values),), nullable=None in values)


@lru_cache(maxsize=512)
def _by_code(part: Part, names: tuple[str, ...], tables: tuple[bytes, ...]) -> tuple[str | None, ...]:
    """Fill a part for each row of some tables, remembered: the same ones come back in each block.

    Tables are compared as JSON: as Python values, 1, 1.0 and true would be the same.
    """
    rows = zip(*(orjson.loads(table) for table in tables), strict=True)
    return tuple(fill_one(part, dict(zip(names, values, strict=True))) for values in rows)


def _array(filled: _Filled, count: int) -> pa.StringArray:
    """Put the pieces end to end, row by row; a row with a missing piece is null."""
    pieces = [_rows_of(piece) for piece in _merged(filled.pieces)]
    if not any(isinstance(piece, pa.Array) for piece in pieces):
        return pa.array(["".join(piece.as_py() for piece in pieces)] * count, pa.string())
    if len(pieces) == 1:
        return pieces[0]
    return pc.binary_join_element_wise(*pieces, _NOTHING, null_handling="emit_null")


def _rows_of(piece: _Piece) -> pa.Scalar | pa.StringArray:
    if isinstance(piece, str):
        return pa.scalar(piece, pa.string())
    if isinstance(piece, Coded):
        return pa.array(piece.values, pa.string()).take(pa.array(piece.codes))
    return piece


def _merged(pieces: Sequence[_Piece]) -> list[_Piece]:
    """Put together neighbours that are constant or depend on the same codes."""
    merged: list[_Piece] = []
    run: list[str | Coded] = []
    for piece in pieces:
        if not isinstance(piece, str | Coded):
            merged += [*_joined(run), piece]
            run = []
            continue
        if isinstance(piece, Coded) and any(
            one.codes is not piece.codes for one in run if isinstance(one, Coded)
        ):
            merged += _joined(run)
            run = []
        run.append(piece)
    return [*merged, *_joined(run)]


def _joined(run: Sequence[str | Coded]) -> list[str | Coded]:
    """Join constant texts and coded ones that share their codes; one missing makes the whole missing."""
    coded = next((piece for piece in run if isinstance(piece, Coded)), None)
    if coded is None:
        return ["".join(piece for piece in run if isinstance(piece, str))] if run else []
    columns = [repeat(piece, len(coded.values)) if isinstance(piece, str) else piece.values for piece in run]
    rows = zip(*columns, strict=True)
    return [Coded(coded.codes, tuple(None if None in row else "".join(row) for row in rows))]
