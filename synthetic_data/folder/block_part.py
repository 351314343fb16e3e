"""The part of one block of patients in every file: what a worker makes and the parent writes."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import zstandard

from synthetic_data.answers.tally import tally
from synthetic_data.facts.block import Block
from synthetic_data.plan import HospitalPlan
from synthetic_data.resources.kind import Kind, kinds
from synthetic_data.templating.columns import Rows
from synthetic_data.templating.fill import ndjson

COMPRESSED, PLAIN = "ndjson.zst", "ndjson"
FORMATS = (COMPRESSED, PLAIN)
_LEVEL = 1


@dataclass(frozen=True, slots=True)
class Part:
    """Bytes to append to a file; `digest` is the SHA-256 (hexadecimal) of the NDJSON before compression."""

    data: bytes
    lines: int
    content_bytes: int
    digest: str


@dataclass(frozen=True, slots=True)
class BlockPart:
    """`parts` by kind name, those without a row left out; `tally`: the block's share of the answer key."""

    number: int
    parts: dict[str, Part]
    tally: dict[str, Any]


def block_part(plan: HospitalPlan, number: int, format_: str) -> BlockPart:
    """Draw a block of patients and write it."""
    block = Block(plan, number)
    parts: dict[str, Part] = {}
    rows: dict[str, list[Rows]] = {}
    for kind in kinds():
        if kind.of_block:
            rows[kind.name] = list(kind.of_block(block))
            put(parts, kind, rows[kind.name], format_)
    return BlockPart(number, parts, tally(block, rows))


def put(parts: dict[str, Part], kind: Kind, rows: Iterable[Rows], format_: str) -> None:
    """Add the part of a kind, unless it has no row."""
    filled = [(one.count, ndjson(one)) for one in rows]
    lines = sum(count for count, _ in filled)
    if lines:
        content = b"".join(text for _, text in filled)
        data = content if format_ == PLAIN else zstandard.ZstdCompressor(level=_LEVEL).compress(content)
        parts[kind.name] = Part(data, lines, len(content), hashlib.sha256(content).hexdigest())
