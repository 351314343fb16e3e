"""Make some kinds of resources only, from nothing to compressed NDJSON, and print what was made as JSON.

The facts of a block are drawn when they are asked for: those that no kind needs cost nothing.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from synthetic_data.facts.block import Block
from synthetic_data.facts.volumes import YEAR, block_count
from synthetic_data.folder.block_part import COMPRESSED, Part, put
from synthetic_data.plan import END_OF_2023, HospitalPlan
from synthetic_data.resources.kind import kinds


def parts_of(plan: HospitalPlan, number: int, names: Sequence[str]) -> dict[str, Part]:
    """Draw a block and write these kinds of it."""
    block, parts = Block(plan, number), {}
    for kind in kinds():
        if kind.name in names and kind.of_block:
            put(parts, kind, kind.of_block(block), COMPRESSED)
    return parts


def all_parts(
    plan: HospitalPlan, blocks: range, names: Sequence[str], workers: int
) -> Iterator[dict[str, Part]]:
    """Give the parts of the blocks in order."""
    if workers == 1:
        yield from (parts_of(plan, number, names) for number in blocks)
        return
    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        count = len(blocks)
        yield from pool.map(parts_of, [plan] * count, blocks, [names] * count)


def main() -> int:
    """Read the arguments, write one file for each kind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="an empty folder")
    parser.add_argument("kinds", nargs="+", help="for instance Observation.laboratory")
    parser.add_argument("--scale", type=float, default=1.0, help="part of the hospital [1.0]")
    parser.add_argument("--blocks", type=int, help="the first blocks of 2,000 patients only [all]")
    parser.add_argument("--workers", type=int, default=1, help="processes [1]")
    given = parser.parse_args()
    if unknown := set(given.kinds) - {kind.name for kind in kinds() if kind.of_block}:
        parser.error(f"no such kind of resource in a block: {', '.join(sorted(unknown))}")
    plan = HospitalPlan(2023, round(given.scale * YEAR["patients"]), END_OF_2023, recent=0.0)
    blocks = range(min(given.blocks or sys.maxsize, block_count(plan.patients)))
    lines: Counter[str] = Counter()
    content = written = 0
    files = {name: (given.folder / f"{name}.{COMPRESSED}").open("wb") for name in given.kinds}
    for parts in all_parts(plan, blocks, given.kinds, given.workers):
        for name, part in parts.items():
            files[name].write(part.data)
            lines[name] += part.lines
            content += part.content_bytes
            written += len(part.data)
    for file in files.values():
        file.close()
    print(json.dumps({"lines": lines, "content_bytes": content, "bytes": written}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
