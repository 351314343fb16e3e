"""The share of one block in the answer key, and the sum of all shares."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from synthetic_data.answers.battery import battery
from synthetic_data.answers.masks import MASKS
from synthetic_data.answers.question import kept
from synthetic_data.facts.block import Block
from synthetic_data.facts.cohorts import COHORTS
from synthetic_data.templating.columns import Flags, Ints, Plain, Rows

_ID_DIGITS = slice(4, 11)  # of pat-0024345


def tally(block: Block, rows: Mapping[str, Sequence[Rows]]) -> dict[str, Any]:
    """Count and list what is known of a block; `rows` by kind name, as they were written.

    `cohorts`: patient indexes; `compartments`: by resource type, how many resources each cohort opens;
    `masks`: by element, how many patients have it in all and in each cohort; `queries`: count and first ids.
    """
    members = {one.name: one.belongs(block) for one in COHORTS}
    found = {question.search: question.answer(block) for question in battery(block.plan)}
    return {
        "cohorts": {name: block.people.index[flags].tolist() for name, flags in members.items()},
        "compartments": _compartments(block, rows, members),
        "masks": {
            path: {"*": int(present(block).sum())}
            | {name: int((present(block) & flags).sum()) for name, flags in members.items()}
            for path, present in MASKS.items()
        },
        "queries": {search: {"count": count, "ids": ids} for search, (count, ids) in found.items()},
    }


def _compartments(
    block: Block, rows: Mapping[str, Sequence[Rows]], members: Mapping[str, Flags]
) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = {}
    for kind, parts in rows.items():
        of_type = counts.setdefault(kind.partition(".")[0], Counter())
        for part in parts:
            person = _people(block, part, kind)
            if person is not None:
                of_type["*"] += len(person)
                of_type.update({name: int(flags[person].sum()) for name, flags in members.items()})
    return {type_: dict(found) for type_, found in counts.items()}


def _people(block: Block, part: Rows, kind: str) -> Ints | None:
    """Give the rank, in the block, of the patient of each resource; None for what is about nobody."""
    column = part.columns.get("id" if kind == "Patient" else "patient")
    if not isinstance(column, Plain) or column.array.null_count or not part.count:
        return None
    data = column.array.buffers()[2]
    text = np.frombuffer(data, np.uint8, part.count * (len(data) // part.count)).reshape(part.count, -1)
    digits = text[:, _ID_DIGITS].astype(np.int64) - ord("0")
    return digits @ 10 ** np.arange(6, -1, -1) - 1 - int(block.people.index[0])


def merged(shares: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Sum the shares of all blocks, in order: numbers are added, lists are put end to end."""
    total: dict[str, Any] = {"cohorts": {one.name: [] for one in COHORTS}}
    for share in shares:
        _add(total, share)
    for answer in total.get("queries", {}).values():
        answer["ids"] = kept(answer["count"], answer["ids"])
    return total


def _add(total: dict[str, Any], share: Mapping[str, Any]) -> None:
    for key, value in share.items():
        if isinstance(value, Mapping):
            _add(total.setdefault(key, {}), value)
        else:
            total[key] = total[key] + value if key in total else value
