"""Run a proof: draw pairs of worlds, ask, judge, until the requests are used up or something fails.

``prove(plan, wrap=...)`` runs in process: a mutant is put around the gateway by ``wrap``, or patched in.
"""

import gc
import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from tempfile import gettempdir

import orjson

from lab.proof.case import Case
from lab.proof.differential import Mismatch, judged
from lab.proof.grammar.step import Step
from lab.proof.instance import Received, Wrap, unbroken
from lab.proof.noninterference import Difference, compared
from lab.proof.pair import Pair, pair
from lab.proof.plan import COMPLETENESS, NONINTERFERENCE, Outcome, Plan
from lab.proof.sweep import sweep

_MEMORY = Path("/dev/shm")  # noqa: S108 - each proof makes a folder of its own there
_KEPT_STEPS = 4000
Progress = Callable[[Outcome], None]


def prove(plan: Plan, wrap: Wrap = unbroken, progress: Progress = lambda _: None) -> Outcome:
    """Run a proof in this process; an interruption returns what there is so far."""
    outcome = Outcome()
    try:
        for n in range(plan.pairs):
            outcome.add(prove_pair(plan, n, wrap))
            gc.collect()
            progress(outcome)
            if plan.stop and outcome.failures:
                break
    except KeyboardInterrupt:
        pass
    return outcome


def prove_in_processes(plan: Plan, processes: int, progress: Progress = lambda _: None) -> Outcome:
    """Run a proof in several processes, pair by pair."""
    outcome = Outcome()
    pool = ProcessPoolExecutor(processes, get_context("spawn"))
    waiting: list[Future[Outcome]] = []
    try:
        numbers = iter(range(plan.pairs))
        waiting = [pool.submit(prove_pair, plan, n) for n in islice(numbers, 2 * processes)]
        while waiting:
            outcome.add(waiting.pop(0).result())
            progress(outcome)
            if plan.stop and outcome.failures:
                break
            waiting += [pool.submit(prove_pair, plan, n) for n in islice(numbers, 1)]
    except KeyboardInterrupt:
        pass
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return outcome


def prove_pair(plan: Plan, n: int, wrap: Wrap = unbroken) -> Outcome:
    """Prove one pair: until its share of the requests is used up, or a request fails."""
    drawn = pair(plan.seed_of(n))
    steps = sweep(drawn) if plan.engine == COMPLETENESS else drawn.steps()
    return examine(plan.engine, drawn, islice(steps, plan.share(n)), wrap)


def examine(engine: str, drawn: Pair, steps: Iterator[Step], wrap: Wrap = unbroken) -> Outcome:
    """Ask the steps of a pair and judge the answers, until one fails."""
    outcome = Outcome(pairs=1)
    outcome.skipped.update(drawn.skipped)
    source = {**drawn.grants[0][0].permission, "scopes": drawn.grants[0][0].scopes}
    outcome.permissions.add(hashlib.sha256(orjson.dumps(source)).hexdigest()[:16])
    asked: list[Step] = []
    for step, received, wrong in _judged(engine, drawn, steps, outcome, wrap):
        asked.append(step)
        outcome.requests += 1
        outcome.kinds[step.kind, received.status] += 1
        if wrong is not None:
            case = Case(
                engine, drawn.seed, tuple(asked[-_KEPT_STEPS:]), wrong.where, len(asked), _detail(wrong)
            )
            outcome.failures.append(case)
            break
    return outcome


def _judged(
    engine: str, drawn: Pair, steps: Iterator[Step], outcome: Outcome, wrap: Wrap
) -> Iterator[tuple[Step, Received, Difference | Mismatch | None]]:
    folder = _MEMORY if _MEMORY.is_dir() else Path(gettempdir())
    if engine == NONINTERFERENCE:
        return compared(drawn, steps, folder, wrap)
    return judged(drawn, steps, folder, outcome.tally, wrap)


def _detail(wrong: Difference | Mismatch) -> tuple[str, ...]:
    asked = wrong.asked
    line = f"{asked.method} /{asked.path}" + (f"?{asked.query}" if asked.query else "")
    body = (asked.body.decode("utf-8", "replace"),) if asked.body else ()
    answers = (wrong.one, wrong.two) if isinstance(wrong, Difference) else (wrong.received,)
    headers = tuple(f"{name}: {value}" for name, value in asked.headers)
    told = tuple(f"-> {a.status} {dict(a.headers)} {a.body.decode('utf-8', 'replace')}" for a in answers)
    return (line, *headers, *body, *told)
