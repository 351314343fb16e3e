"""Plays a load plan, read from standard input, inside Locust; the only module that imports locust and gevent.

Started by ``lab.load.runner`` in a folder of its own. Locust has no open workload model: its users wait for
the answer before they send again, which hides stalls. Here one user starts every arrival at its instant.
"""

import gc
import logging
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import gevent
from gevent.pool import Pool
from locust import User, events, task

from lab.load.arrival import Arrival
from lab.load.error import LoadError
from lab.load.judge import SAMPLES_FILE
from lab.load.people import OPENING, Opening
from lab.load.plan import LoadPlan
from lab.load.record import Key, Outcome, Recorder
from lab.load.session import Session
from lab.load.verify import Answer, verify
from lab.load.wire import Wire

FLUSH_S = 1.0
DEFECT_EXIT = 3
_WORST_FIRST: tuple[Outcome, ...] = ("error", "leak", "refusal", "ok")

PLAN = LoadPlan.from_json(sys.stdin.buffer.read())
LOG = logging.getLogger("lab.load")
RECORDER = Recorder(Path(SAMPLES_FILE).open("wb"))  # noqa: SIM115 - open until the process ends


class RequestFailure(Exception):  # noqa: N818 - what Locust counts as a failure, not an error of ours
    """Why an answer was not the right one, for Locust's own statistics."""


class Player:
    """Plays the arrivals of the plan once; its clock counts seconds from the start of the schedule."""

    def __init__(self, tell_locust: Callable[..., object]) -> None:
        """Tell Locust of each request through the ``fire`` of its request event."""
        self.tell_locust = tell_locust
        since = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.wire = Wire(timeout_s=PLAN.timeout_s, body_cap=PLAN.body_cap)
        self.session = Session(PLAN, self.wire, since=since)
        self.defect: Exception | None = None
        self.origin = 0.0

    def now(self) -> float:
        """Return the seconds since the start of the schedule."""
        return time.perf_counter() - self.origin

    def play(self) -> None:
        """Start each arrival at its instant or drop it, record every second, and wait for the last answer."""
        with gevent.Timeout(
            PLAN.timeout_s, exception=False
        ):  # who has no token by then fails in what follows
            self.session.open()
        pool = Pool(PLAN.slots)
        gc.collect()
        gc.freeze()  # the plan stays for good: scanning it again would only delay arrivals
        self.origin = time.perf_counter()
        flusher = gevent.spawn(self.flush_regularly)
        people = [gevent.spawn(self.live, session) for session in PLAN.sessions]
        for arrival in PLAN.arrivals:
            while (wait := arrival.at - self.now()) > 0:
                gevent.sleep(wait)
            if pool.full():
                RECORDER.drop()
            else:
                pool.spawn(self.send, arrival)
        gevent.joinall(people)
        pool.join()
        flusher.kill()
        self.wire.close()
        if self.defect is not None:
            raise self.defect
        LOG.info("Schedule error p99: %.2f ms", RECORDER.lag.percentile(99) or 0)
        RECORDER.flush(at=self.now(), complete=True)

    def live(self, session: tuple[Opening, ...]) -> None:
        """Be one person: pause, open a chart, wait for all of it, until the run is over."""
        for opening in session:
            gevent.sleep(opening.think_s)
            begun = self.now()
            if begun >= PLAN.duration_s or self.defect is not None:
                return
            sent = [
                gevent.spawn(self.send, replace(one, at=begun), planned=False) for one in opening.requests
            ]
            outcomes = [answer.value for answer in gevent.joinall(sent)]
            if None not in outcomes:
                worst = min(outcomes, key=_WORST_FIRST.index)
                took = self.now() - begun
                key = Key(int(begun), OPENING, 0, worst, "" if worst == "ok" else "part of it failed")
                RECORDER.sample(key, intended_s=took, service_s=took)

    def send(self, arrival: Arrival, *, planned: bool = True) -> Outcome | None:
        """Send one request and record it; latency counts from the instant it was due."""
        sent = self.now()
        if planned:  # a person is never late: what people send is not in the schedule
            RECORDER.depart(intended=arrival.at, real=sent)
        try:
            with gevent.Timeout(PLAN.timeout_s):
                answer = self.session.answer(arrival)
        except gevent.Timeout:
            answer = Answer(0, failure="timeout")
        except Exception as error:  # noqa: BLE001 - a defect of ours must end the run, not one greenlet
            self.defect = error
            return None
        done = self.now()
        outcome, reason = verify(arrival.expect, answer)
        key = Key(int(arrival.at), arrival.route, answer.status, outcome, reason)
        RECORDER.sample(key, intended_s=done - arrival.at, service_s=done - sent)
        self.tell_locust(
            request_type=arrival.method,
            name=arrival.route,
            response_time=(done - arrival.at) * 1000,
            response_length=len(answer.body),
            exception=RequestFailure(reason) if reason else None,
            context={},
        )
        return outcome

    def flush_regularly(self) -> None:
        """Leave on file what came so far, for a run that does not reach its end."""
        while True:
            gevent.sleep(FLUSH_S)
            RECORDER.flush(at=self.now())


class Schedule(User):
    """The one user of Locust: it plays the schedule, then ends the process."""

    @task
    def play(self) -> None:
        """Play once; an exit code other than 0 says that the generator failed, never the server."""
        self.environment.process_exit_code = DEFECT_EXIT
        try:
            Player(self.environment.events.request.fire).play()
            self.environment.process_exit_code = 0
        except Exception as error:  # it ends here, in the log that the parent quotes
            LOG.critical("%s: %s", type(error).__name__, error, exc_info=not isinstance(error, LoadError))
        finally:
            self.environment.runner.quit()


def flush_last(**_: object) -> None:
    """Keep what came since the last flush when the process is asked to end."""
    RECORDER.flush(at=RECORDER.recording.last_sent)


events.quitting.add_listener(flush_last)  # type: ignore[no-untyped-call]  # Locust has no annotations there
