"""Mutants against engines: every trial, in several processes, and the table of what killed what.

Spec: reference, section 8: 100 % of at least 100 planted mutants killed, each within 1,000 requests
"""

import logging
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path

from lab.proof.mutation import Mutant, gateway_mutants
from lab.proof.trial import ENGINES, Trial, trial

SEED = "m"
_USUAL = {
    1: ("admission",),
    2: ("admission", "tokens"),
    3: ("opening", "differential", "noninterference"),
    4: (
        *("noninterference", "completeness", "differential"),
        *("edges/differential", "edges/noninterference"),
    ),
    5: (
        *("completeness", "noninterference", "differential"),
        *("contents/differential", "contents/noninterference"),
        *("dates/differential", "dates/noninterference"),
        *("references/differential", "references/noninterference"),
        *("identifiers/differential", "identifiers/noninterference"),
        *("marks/differential", "marks/noninterference"),
        *("names/differential", "names/noninterference"),
    ),
}
_PLAIN = tuple(engine for engine in ENGINES if "/" not in engine)
_RECORDED = re.compile(r"\| `(?P<name>\w+)` \|.*\| (?P<engine>[a-z/]+), part (?P<part>\d+) \|")
Known = tuple[str, int]
"""The engine, and the part of what it asks, that told a mutant fastest."""


@dataclass(frozen=True)
class Work:
    """``name`` None is the gateway as it is. ``first`` ends at the first kill, ``known`` is asked first."""

    name: str | None
    engines: tuple[str, ...]
    seed: str = SEED
    requests: int = 1_000
    first: bool = False
    known: Known | None = None


@dataclass(frozen=True)
class Row:
    """What became of one mutant."""

    name: str | None
    trials: tuple[Trial, ...]

    @property
    def killed(self) -> bool:
        """Tell whether an engine told it from the sound gateway."""
        return any(one.killed for one in self.trials)

    @property
    def fastest(self) -> Trial | None:
        """Return the trial that took the fewest requests."""
        return min((one for one in self.trials if one.killed), key=lambda one: one.killed, default=None)


def engines_of(level: int) -> tuple[str, ...]:
    """Return the engines that ask about a level, those that see most of it first."""
    return _USUAL[level]


def run(works: Sequence[Work], processes: int, progress: Callable[[Row], None] = lambda _: None) -> list[Row]:
    """Return a row for each piece of work, in order; an interruption returns those that are done."""
    rows: dict[int, Row] = {}
    if processes == 1:
        for n, work in enumerate(works):
            rows[n] = carry_out(work)
            progress(rows[n])
        return list(rows.values())
    pool = ProcessPoolExecutor(processes, get_context("spawn"))
    try:
        waiting: dict[Future[Row], int] = {pool.submit(carry_out, work): n for n, work in enumerate(works)}
        for done in as_completed(waiting):
            rows[waiting[done]] = done.result()
            progress(done.result())
    except KeyboardInterrupt:
        pass
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return [rows[n] for n in sorted(rows)]


def carry_out(work: Work) -> Row:
    """Put one mutant before its engines."""
    logging.disable(logging.CRITICAL)  # what a hole makes fail is seen by its answer
    mutant = None if work.name is None else _by_name()[work.name]
    trials: list[Trial] = []
    for engine in _in_order(work):
        part = work.known[1] if work.known and work.known[0] == engine else 0
        trials.append(trial(engine, mutant, work.seed, work.requests, part))
        if work.first and trials[-1].killed:
            break
    return Row(work.name, tuple(trials))


def recorded(table: Path) -> dict[str, Known]:
    """Return what a table says was fastest, by mutant; nothing without a table."""
    lines = table.read_text(encoding="utf-8").splitlines() if table.exists() else []
    matches = (_RECORDED.match(line) for line in lines)
    return {m["name"]: (m["engine"], int(m["part"])) for m in matches if m and m["engine"] in ENGINES}


def table_of(mutants: Iterable[Mutant], rows: Iterable[Row]) -> Iterator[str]:
    """Yield the lines of the table: the number of the request at which each engine told each mutant."""
    by_name = {row.name: row for row in rows}
    yield "| mutant | level | flaw | " + " | ".join(_PLAIN) + " | slanted | fastest |"
    yield "|---|---|---|" + "---|" * len(_PLAIN) + "---|---|"
    for mutant in mutants:
        row = by_name.get(mutant.name)
        if row is not None:
            yield _line(mutant, row)


def _line(mutant: Mutant, row: Row) -> str:
    cells = {one.engine: str(one.killed or "-") for one in row.trials}
    fastest = row.fastest
    told = "survives" if fastest is None else f"{fastest.engine}, part {fastest.part}"
    counts = " | ".join(cells.get(engine, "") for engine in _PLAIN)
    slanted = [one.killed for one in row.trials if one.engine not in _PLAIN]
    least = min(filter(None, slanted), default="-" if slanted else "")
    return f"| `{mutant.name}` | {mutant.level} | {mutant.flaw} | {counts} | {least} | {told} |"


def _in_order(work: Work) -> list[str]:
    first = work.known[0] if work.known else ""
    return sorted(work.engines, key=lambda engine: engine != first)


@cache
def _by_name() -> dict[str, Mutant]:
    return {mutant.name: mutant for mutant in gateway_mutants()}
