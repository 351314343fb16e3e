"""What a run was answered, each distinct body once: judged as it is read, and a sample of it again, deeply.

The sample is drawn by route, from the digests and the seed alone: the same answers give the same sample, in
whatever order they came and however many generators there were.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from heapq import nsmallest
from pathlib import Path

from lab.load.spooled import Body, Counts, read_spool
from lab.load.validating import Judgement, judge_body

DEEP_BODIES, DEEP_BYTES = 100, 4 * 1024 * 1024
"""Of each route, judged deeply at most: distinct bodies, and bytes of them, one body at least."""


@dataclass
class Distinct:
    """One body under one route, how often it came, and whether the deep path has judged it."""

    body: Body
    answers: int = 0
    deep: bool = False


@dataclass
class Answered:
    """Everything that a run was answered; ``left`` counts what was not kept, by route."""

    distinct: dict[tuple[str, str], Distinct] = field(default_factory=dict)
    judgements: dict[str, Judgement] = field(default_factory=dict)
    left: Counter[str] = field(default_factory=Counter)


def read_answers(spools: Iterable[Path], seed: int) -> Answered:
    """Return what is in the spools of a run, judged."""
    read = Answered()
    for spool in spools:
        _read(spool, read)
    for one in _sample(read.distinct.values(), seed):
        one.deep = True
        read.judgements[one.body.id] = judge_body(one.body.read(), one.body.status, deep=True)
    return read


def _read(spool: Path, read: Answered) -> None:
    numbers: dict[int, Distinct] = {}
    for part in read_spool(spool):
        if isinstance(part, Counts):
            read.left.update(part.left)
            for number, count in part.kept.items():
                numbers[number].answers += count
            continue
        body, content = part
        numbers[body.number] = read.distinct.setdefault((body.route, body.id), Distinct(body))
        if body.id not in read.judgements:
            read.judgements[body.id] = judge_body(content, body.status)


def _sample(distinct: Iterable[Distinct], seed: int) -> Iterator[Distinct]:
    """Yield what is judged deeply."""
    routes: defaultdict[str, list[Distinct]] = defaultdict(list)
    for one in distinct:
        routes[one.body.route].append(one)
    for bodies in routes.values():
        used = 0
        for one in nsmallest(DEEP_BODIES, bodies, key=lambda one: _order(one.body, seed)):
            if used and used + one.body.length > DEEP_BYTES:
                break
            used += one.body.length
            yield one


def _order(body: Body, seed: int) -> bytes:
    return sha256(f"{seed}:{body.digest}".encode()).digest()
