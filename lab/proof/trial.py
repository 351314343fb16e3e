"""A mutant before an engine: after how many requests is it told from the sound gateway?

What an engine asks is cut into parts, each with worlds of its own: a part that is known to tell a mutant can
be asked first.
Spec: reference, section 8: each within 1,000 random requests
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from lab.fhir.permission import compile_permission
from lab.proof.admission import arrivals
from lab.proof.differential import judged
from lab.proof.instance import Instance, drawn_ids, unbroken
from lab.proof.mutation import Mutant, opened
from lab.proof.noninterference import compared
from lab.proof.opening import calls
from lab.proof.pair import Pair, pair
from lab.proof.shelf import SHELF
from lab.proof.slants import SLANTS
from lab.proof.sweep import sweep
from lab.proof.tally import Tally
from lab.proof.tokens import assertions

MOST_REQUESTS = 1_000
_FAILURE = "500"
_PAIRS, _DOORS, _COUNTERS = 40, 10, 10
_MEMORY = Path("/dev/shm")  # noqa: S108 - each trial makes a folder of its own there
Asking = Iterator[str]
"""What is wrong with each answer, empty for nothing."""


@dataclass(frozen=True)
class Engine:
    """``prepare`` draws, by its seed, what a part is asked of: the gateway is not yet a mutant then."""

    parts: int
    prepare: Callable[[str], Callable[[int], Asking]]


@dataclass(frozen=True)
class Trial:
    """``killed`` is the number of the request at which something was wrong, 0 if nothing ever was.

    ``part`` is where that was.
    """

    engine: str
    killed: int
    part: int = 0
    where: str = ""


def trial(
    engine: str, mutant: Mutant | None, seed: str, requests: int = MOST_REQUESTS, first: int = 0
) -> Trial:
    """Put a mutant, or the gateway as it is, on trial; the part ``first`` is asked before the others."""
    asked, known = 0, ENGINES[engine]
    low, more = divmod(requests, known.parts)
    for part in sorted(range(known.parts), key=lambda n: n != first):
        asking = known.prepare(f"{seed}-{part}")
        with opened(mutant) as stores, _shelf(closed=stores):
            for where in asking(low + (part < more)):
                asked += 1
                # A hole that only makes the gateway fail is no hole: what failed is passed over.
                if where and (mutant is None or _FAILURE not in where):
                    return Trial(engine, asked, part, where)
    return Trial(engine, 0)


@contextmanager
def _shelf(*, closed: bool) -> Iterator[None]:
    SHELF.closed = closed
    try:
        yield
    finally:
        SHELF.closed = False


@lru_cache(maxsize=_PAIRS)
def _drawn(seed: str) -> Pair:
    """Draw a pair, and put its worlds on the shelf."""
    drawn = pair(seed)
    with drawn_ids(), TemporaryDirectory(dir=_folder()) as place:
        for number, world in enumerate(drawn.worlds):
            path = Path(place) / f"{number}.db"
            Instance(world, drawn.grants, path, unbroken).close()
            SHELF.put(world, path)
    return drawn


def _noninterference(drawn: Pair, requests: int) -> Asking:
    for _, _, wrong in compared(_compiled(drawn), islice(drawn.steps(), requests), _folder()):
        yield wrong.where if wrong else ""


def _differential(drawn: Pair, requests: int) -> Asking:
    for _, _, wrong in judged(_compiled(drawn), islice(drawn.steps(), requests), _folder(), Tally()):
        yield wrong.where if wrong else ""


def _completeness(drawn: Pair, requests: int) -> Asking:
    for _, _, wrong in judged(_compiled(drawn), islice(sweep(drawn), requests), _folder(), Tally()):
        yield wrong.where if wrong else ""


def _compiled(drawn: Pair) -> Pair:
    """Return the pair with policies that the gateway on trial has compiled, and remembers nothing of."""
    one, two = ((known, compile_permission(known.permission, known.client_id)) for known, _ in drawn.grants)
    return replace(drawn, grants=(one, two))


def _folder() -> Path:
    return _MEMORY if _MEMORY.is_dir() else Path(gettempdir())


def _slanted(slant: str, ask: Callable[[Pair, int], Asking], seed: str) -> Callable[[int], Asking]:
    return partial(ask, _drawn(f"{slant}/{seed}"))


ENGINES: Mapping[str, Engine] = {
    "admission": Engine(_DOORS, lambda seed: partial(arrivals, seed, folder=_folder())),
    "tokens": Engine(1, lambda seed: partial(assertions, seed)),
    "opening": Engine(_COUNTERS, lambda seed: partial(calls, seed, folder=_folder())),
    "noninterference": Engine(_PAIRS, lambda seed: partial(_noninterference, _drawn(seed))),
    "differential": Engine(_PAIRS, lambda seed: partial(_differential, _drawn(seed))),
    "completeness": Engine(_PAIRS, lambda seed: partial(_completeness, _drawn(seed))),
    **{
        f"{slant}/{name}": Engine(_PAIRS, partial(_slanted, slant, ask))
        for slant in SLANTS
        for name, ask in (("noninterference", _noninterference), ("differential", _differential))
    },
}
