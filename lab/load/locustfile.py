"""Plays a load plan inside Locust; the only module that imports locust.

Started by ``lab.load.runner`` in a folder of its own, alone or as one of Locust's workers, with its orders on
standard input; or by hand, with a plan that the environment names (``lab.load.by_hand``). Locust has no open
workload model: its users wait for the answer before they send again, which hides stalls. Here the one user of
each generator starts every arrival at its instant.
"""

import logging
import os
import sys
import time
from pathlib import Path
from typing import Any

from gevent.event import AsyncResult
from locust import User, events, task
from locust.exception import StopUser
from locust.runners import MasterRunner, WorkerRunner

from lab.load.by_hand import PLAN_VARIABLE, orders_by_hand, plan_by_hand
from lab.load.engine import Engine
from lab.load.error import LoadError
from lab.load.fast import FastWire
from lab.load.orders import Orders
from lab.load.plan import LoadPlan
from lab.load.player import Player
from lab.load.readiness import Readiness
from lab.load.record import Recorder
from lab.load.spool import Spool, spool_of
from lab.load.statistics import tell_locust
from lab.load.wire import Wire

DEFECT_EXIT = 3
READY, GO, DONE = "lab-ready", "lab-go", "lab-done"
LEAD_S = 0.5
"""Between the master's word and the first arrival: longer than a message takes."""

LOG = logging.getLogger("lab.load")
players: list[Player] = []


class Schedule(User):
    """The one user of a generator: it plays the schedule, then ends the process."""

    @task
    def play(self) -> None:
        """Play once; an exit code other than 0 says that the generator failed, never the server."""
        environment = self.environment
        environment.process_exit_code = DEFECT_EXIT
        try:
            self._play(_orders(environment))
            environment.process_exit_code = 0
        except Exception as error:  # it ends here, in the log that the parent quotes
            LOG.critical("%s: %s", type(error).__name__, error, exc_info=not isinstance(error, LoadError))
            environment.runner.quit()  # the others would wait for this one
        if isinstance(environment.runner, WorkerRunner):
            environment.runner.send_message(DONE)
        else:
            _end(environment)
        raise StopUser  # or Locust would play it again until it has ended

    def _play(self, orders: Orders) -> None:
        plan = orders.plan
        samples = Path(orders.samples)
        recorder = Recorder(samples.open("wb"))
        spool = Spool(spool_of(samples).open("wb"), plan.seed)
        engine = _engine(plan)
        stats = self.environment.runner.stats
        player = Player(orders, engine, recorder, spool, lambda cells: tell_locust(stats, cells))
        player.prepare()
        players[:] = [player]
        player.play(in_s=self._agreed_start())
        LOG.info("Schedule error p99: %.2f ms", recorder.lag.percentile(99) or 0)

    def _agreed_start(self) -> float:
        """Return in how many seconds all generators start: at once when there is one."""
        runner = self.environment.runner
        if not isinstance(runner, WorkerRunner):
            return 0.0
        go: AsyncResult[float] = AsyncResult()
        runner.register_message(GO, lambda msg, **_: go.set(msg.data["at"]))
        runner.send_message(READY)
        at: float = go.get()
        return max(0.0, at - time.time())


def agree(environment: Any, **_: object) -> None:
    """Make the master give the start when everyone is ready, and end when everyone has finished."""
    runner = environment.runner
    workers = getattr(environment.parsed_options, "expect_workers", 1)
    if PLAN_VARIABLE in os.environ:
        workers = plan_by_hand(os.environ).workers
        Schedule.fixed_count = workers  # whatever number of users is asked for in the page
    if not isinstance(runner, MasterRunner):
        return
    environment.process_exit_code = 0  # what workers saw is in their files, not in its exit code
    heard = dict.fromkeys((READY, DONE), 0)

    def hear(msg: Any, **_: object) -> None:
        heard[msg.type] = (heard[msg.type] + 1) % workers
        if heard[msg.type] == 0 and msg.type == READY:
            runner.send_message(GO, {"at": time.time() + LEAD_S})
        elif heard[msg.type] == 0:
            _end(environment)

    for kind in heard:
        runner.register_message(kind, hear, concurrent=True)  # the end ends the greenlet that listens
    LOG.info("Master listens on port %d", runner.server.port)


def _orders(environment: Any) -> Orders:
    """Return what this process plays: what its parent says, or what somebody wants by hand."""
    if PLAN_VARIABLE not in os.environ:
        return Orders.from_json(sys.stdin.buffer.read())
    return orders_by_hand(os.environ, environment.runner.worker_index, environment.host)


def _engine(plan: LoadPlan) -> Engine:
    if plan.engine == "fast":
        return FastWire(timeout_s=plan.timeout_s, body_cap=plan.body_cap)
    readiness = Readiness(plan.timeout_s)
    return Wire(timeout_s=plan.timeout_s, body_cap=plan.body_cap, readiness=readiness.of)


def _end(environment: Any) -> None:
    """End the process; with a web page open, only what was played, so that it can be looked at."""
    if environment.web_ui is None:
        environment.runner.quit()
    else:
        environment.runner.stop()


def flush_last(**_: object) -> None:
    """Keep what came since the last flush when the process is asked to end."""
    for player in players:
        player.flush()


events.init.add_listener(agree)  # type: ignore[no-untyped-call]  # Locust has no annotations there
events.quitting.add_listener(flush_last)  # type: ignore[no-untyped-call]
