"""The child process of the measurement: plays rounds read from standard input, closed, one cell at a time.

Each caller sends, waits for the whole answer, and sends again. Every answer is verified; a wrong one is never
timed. One JSON line for each cell on standard output. The only module here that imports gevent.
"""

from gevent import monkey

monkey.patch_all()

import gc  # noqa: E402 - patched first
import sys  # noqa: E402
import time  # noqa: E402
from collections import Counter, defaultdict  # noqa: E402
from datetime import UTC, datetime  # noqa: E402
from random import Random  # noqa: E402

import gevent  # noqa: E402

from lab.load.arrival import Arrival  # noqa: E402
from lab.load.plan import RENEW_S, LoadPlan  # noqa: E402
from lab.load.session import Session  # noqa: E402
from lab.load.verify import Answer, verify  # noqa: E402
from lab.load.wire import Wire  # noqa: E402
from lab.scaling.cell import CONTROL, Cell, Measured  # noqa: E402
from lab.scaling.plan import Round  # noqa: E402

_OF_CONTROL = 50
"""Requests of one control: enough for a median, few enough to stand between any two cells."""

_LOOKS, _ATTEMPTS = 4, 2
"""How often a control is looked at before a cell, and a cell is played, in the hope of a quiet moment."""

_PAUSE_S = 0.01
"""After a refused connection, lest a dead server is asked a hundred thousand times."""


class Player:
    """Keeps the connections from one round to the next; tokens are new in each, and renewed in a long one."""

    def __init__(self) -> None:
        self._wires: dict[int, Wire] = {}
        self._best = float("inf")
        self._since = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def play(self, one: Round) -> None:
        """Play one round."""
        sessions = {size: self._session(size, plan) for size, plan in one.targets.items()}
        renewed = time.perf_counter()
        ways = {size: _by_route(plan) for size, plan in one.targets.items()}
        gc.collect()
        gc.freeze()
        gc.disable()  # a collection in the middle of a cell would be a latency of ours
        for number in range(0, len(one.cells), 3):
            if time.perf_counter() - renewed > RENEW_S:
                for size, session in sessions.items():
                    _open(session, one.targets[size].timeout_s)
                renewed = time.perf_counter()
            before, cell, after = (
                _Table(one, number + place, asked, sessions[asked.size], ways[asked.size][asked.route])
                for place, asked in enumerate(one.cells[number : number + 3])
            )
            for _ in range(_ATTEMPTS):
                measured = self._steady(before, one.drift), cell.play(), after.play()
                if self._is_steady(measured[0], one.drift) and self._is_steady(measured[2], one.drift):
                    break
            sys.stdout.buffer.write(b"".join(played.to_json() + b"\n" for played in measured))
            sys.stdout.buffer.flush()

    def _steady(self, control: "_Table", drift: float) -> Measured:
        """Wait a little for a moment in which the control is steady; return it as it was last seen."""
        for _ in range(_LOOKS):
            measured = control.play()
            if self._is_steady(measured, drift):
                break
            gevent.sleep(_PAUSE_S)
        return measured

    def _is_steady(self, control: Measured, drift: float) -> bool:
        """Tell whether a control was about as fast as the fastest so far; the judge looks at all of them."""
        if not control.service_us:
            return False
        pace = control.percentile(50)
        self._best = min(self._best, pace)
        return pace <= self._best * (1 + drift)

    def _session(self, size: int, plan: LoadPlan) -> Session:
        wire = self._wires.setdefault(size, Wire(timeout_s=plan.timeout_s, body_cap=plan.body_cap))
        session = Session(plan, wire, since=self._since)
        _open(session, plan.timeout_s)
        return session


class _Table:
    """The callers of one cell around what they have in common."""

    def __init__(
        self, one: Round, number: int, cell: Cell, session: Session, arrivals: list[Arrival]
    ) -> None:
        self._round, self._number, self._cell = one, number, cell
        self._session, self._arrivals = session, arrivals
        self._service: list[int] = []
        self._wrong: Counter[str] = Counter()
        self._busy: list[float] = []

    def play(self) -> Measured:
        """Let every caller work until the cell is over, and return what was seen."""
        self._service, self._wrong, self._busy = [], Counter(), []
        timeout_s = self._round.targets[self._cell.size].timeout_s
        begun, cpu = time.perf_counter(), time.process_time()
        callers = [gevent.spawn(self._call, n, timeout_s) for n in range(self._cell.concurrency)]
        gevent.joinall(callers, raise_error=True)
        cpu = (time.process_time() - cpu) / max(time.perf_counter() - begun, 1e-9)
        cell = self._cell
        return Measured(
            self._round.repetition,
            cell.size,
            cell.route,
            cell.concurrency,
            round(sum(self._busy) / len(self._busy), 6),
            round(cpu, 4),
            tuple(self._service),
            dict(self._wrong),
        )

    def _call(self, caller: int, timeout_s: float) -> None:
        """Be one caller: one request that is not timed, then at least one that is, however slow the server.

        The first meets a server that has not everybody inside yet, and a connection that may have to be made.
        """
        random = Random(f"{self._round.seed}:{self._round.repetition}:{self._number}:{caller}")  # noqa: S311 - no secret
        self._ask(random, timeout_s, timed=False)
        started = ended = time.perf_counter()
        most = _OF_CONTROL if self._cell.route == CONTROL else self._round.cell_requests
        for _ in range(most):
            ended = self._ask(random, timeout_s, timed=True)
            if ended - started >= self._round.cell_s:
                break
        self._busy.append(ended - started)

    def _ask(self, random: Random, timeout_s: float, *, timed: bool) -> float:
        """Send one request, verify its answer, and return when it came."""
        arrival = random.choice(self._arrivals)
        sent = time.perf_counter()
        try:
            with gevent.Timeout(timeout_s):
                answer = self._session.answer(arrival)
        except gevent.Timeout:
            answer = Answer(0, failure="timeout")
        ended = time.perf_counter()
        outcome, reason = verify(arrival.expect, answer)
        if outcome != "ok":
            self._wrong[reason or outcome] += 1
            if answer.status == 0:
                gevent.sleep(_PAUSE_S)
        elif timed:
            self._service.append(round((ended - sent) * 1e6))
        return ended


def _open(session: Session, timeout_s: float) -> None:
    """Obtain tokens, between cells; who has none in time fails in what follows."""
    with gevent.Timeout(timeout_s, exception=False):
        session.open()


def _by_route(plan: LoadPlan) -> dict[str, list[Arrival]]:
    ways: defaultdict[str, list[Arrival]] = defaultdict(list)
    for arrival in plan.arrivals:
        ways[arrival.route].append(arrival)
    return ways


def main() -> None:
    """Play every round that comes, until the input ends."""
    player = Player()
    for line in sys.stdin.buffer:
        player.play(Round.from_json(line))


if __name__ == "__main__":
    main()
