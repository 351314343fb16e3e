"""Plays the arrivals of a plan once, each at its instant; runs in the load child only (gevent).

Its clock counts seconds from the start of the schedule, which several generators share.
"""

import gc
import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime

import gevent

from lab.load.arrival import TOKEN, Arrival
from lab.load.calibration import CALIBRATION, RATE
from lab.load.drawn import Drawn, Due
from lab.load.engine import Engine
from lab.load.orders import Orders
from lab.load.people import OPENING, Crowd, Opening
from lab.load.plan import LoadPlan
from lab.load.record import Cell, Key, Outcome, Recorder
from lab.load.request import Ask
from lab.load.senders import Senders
from lab.load.session import Session
from lab.load.spool import Spool
from lab.load.verify import Answer, verify

FLUSH_S = 1.0
_WORST_FIRST: tuple[Outcome, ...] = ("error", "leak", "refusal", "ok")
_TOGETHER_S = 0.0005  # arrivals closer than that leave together: waking up costs as much as sending
_LAST_ECHO_S = 1.0
_IN_A_ROW = 8  # requests handed out before their senders may run


class Player:
    """Plays one plan once."""

    def __init__(
        self,
        orders: Orders,
        engine: Engine,
        recorder: Recorder,
        spool: Spool,
        tell: Callable[[Mapping[Key, Cell]], None],
    ) -> None:
        """Record every second, and ``tell`` what was recorded; what is answered goes to the spool."""
        self._plan = orders.plan
        self._echo_url = orders.echo_url
        self._engine = engine
        self._recorder = recorder
        self._spool = spool
        self._tell = tell
        since = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self._session = Session(orders.plan, engine, since=since)
        spool.secrets = self._session.secrets
        self._defect: Exception | None = None
        self._origin = 0.0
        self._over = False

    def prepare(self) -> None:
        """Obtain the first tokens; who has none by the timeout fails in what follows."""
        with gevent.Timeout(self._plan.timeout_s, exception=False):
            self._session.open()
        gc.collect()
        gc.freeze()  # the plan stays for good: scanning it again would only delay arrivals

    def play(self, *, in_s: float = 0.0) -> None:
        """Start each arrival at its instant or drop it, ``in_s`` from now, and wait for the last answer.

        Raises:
            LoadError: the generator has a defect; the server never has one.
        """
        senders = Senders(self._send, self._plan.slots)
        self._origin = time.perf_counter() + in_s
        flusher = gevent.spawn(self._flush_regularly)
        echo = Ask.of("GET", self._echo_url, {}, None) if self._echo_url else None
        calibrator = gevent.spawn(self._calibrate, echo)
        people = [gevent.spawn(self._live, session) for session in _lives(self._plan)]
        for number, due in enumerate(_due(self._plan), 1):
            while (wait := due[0] - self._now()) > 0:
                gevent.sleep(max(wait, _TOGETHER_S))
            if self._defect is not None:
                break
            if not senders.hand(due):
                self._recorder.drop()
            if number % _IN_A_ROW == 0:
                gevent.sleep(0)  # late: those that were handed one leave first
        gevent.joinall(people)
        gevent.sleep(0)
        senders.join()
        self._over = True
        calibrator.join(timeout=_LAST_ECHO_S)  # it may just have asked
        gevent.killall([flusher, calibrator])
        self._engine.close()
        if self._defect is not None:
            raise self._defect
        self._spool.flush()
        self._tell(self._recorder.flush(at=self._now(), complete=True))

    def flush(self) -> None:
        """Record what came since the last time."""
        self._spool.flush()
        self._tell(self._recorder.flush(at=self._now()))

    def _now(self) -> float:
        return time.perf_counter() - self._origin

    def _send(self, due: Due) -> None:
        """Send one request of the schedule."""
        at, arrival = due
        sent = self._now()
        self._recorder.depart(intended=at, real=sent)
        self._ask(arrival, at, sent)

    def _ask(self, arrival: Arrival, due: float, sent: float) -> Outcome | None:
        """Send one request; latency counts from the instant it was due."""
        try:
            answer = self._session.answer(arrival)
            done = self._now()
            outcome, reason = verify(arrival.expect, answer)
            key = (int(due), arrival.route, answer.status, outcome, reason)
            self._recorder.sample(key, intended_s=done - due, service_s=done - sent)
            if arrival.route != TOKEN:  # that is no FHIR, and a secret
                self._spool.take(arrival.route, arrival.path, answer)
        except Exception as error:  # noqa: BLE001 - a defect of ours must end the run, not one greenlet
            self._defect = error
            return None
        return outcome

    def _live(self, session: Iterable[Opening]) -> None:
        """Be one person: pause, open a chart, wait for all of it, until the run is over."""
        for opening in session:
            gevent.sleep(opening.think_s)
            begun = self._now()
            if begun >= self._plan.duration_s or self._defect is not None:
                return
            # A person is never late: what people send is not in the schedule.
            sent = [gevent.spawn(self._ask, one, begun, begun) for one in opening.requests]
            outcomes = [answer.value for answer in gevent.joinall(sent)]
            if None not in outcomes:
                worst = min(outcomes, key=_WORST_FIRST.index)
                took = self._now() - begun
                key = (int(begun), OPENING, 0, worst, "" if worst == "ok" else "part of it failed")
                self._recorder.sample(key, intended_s=took, service_s=took)

    def _calibrate(self, ask: Ask | None) -> None:
        """Ask our own echo, where there is one, at a fixed rate, through the engine that asks the server."""
        if ask is None:
            return
        for number in itertools.count():
            due = number / RATE
            while (wait := due - self._now()) > 0:
                gevent.sleep(wait)
            if self._over or due >= self._plan.duration_s:
                return
            sent = self._now()
            answer = Answer(0, failure="no answer by the end of the run")
            try:
                answer = self._engine.exchange(ask)
            finally:  # also when the run is over: what never answers must not go uncounted
                done = self._now()
                outcome: Outcome = "ok" if answer.status == 200 else "error"
                key = (int(due), CALIBRATION, answer.status, outcome, answer.failure)
                self._recorder.sample(key, intended_s=done - due, service_s=done - sent)

    def _flush_regularly(self) -> None:
        """Leave on file what came so far, for a run that does not reach its end."""
        while self._defect is None:
            gevent.sleep(FLUSH_S)
            try:
                self.flush()
            except Exception as error:  # noqa: BLE001 - a full disk ends the run, with its sentence
                self._defect = error


def _due(plan: LoadPlan) -> Iterator[Due]:
    """Return the requests of the schedule in order, each with its instant."""
    if isinstance(plan.arrivals, Drawn):
        return plan.arrivals.due()
    return ((arrival.at, arrival) for arrival in plan.arrivals)


def _lives(plan: LoadPlan) -> Iterator[Iterable[Opening]]:
    """Return what each person does."""
    return plan.sessions.lives() if isinstance(plan.sessions, Crowd) else iter(plan.sessions)
