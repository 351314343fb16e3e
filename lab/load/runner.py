"""Runs a load plan: generators in child processes, followed every second, then the judgement."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from lab.load.answered import forget_answers
from lab.load.calibration import calibration_target
from lab.load.children import Children, last_line
from lab.load.ending import Ending, forget, keep
from lab.load.error import LoadError
from lab.load.gates import Gate, parse
from lab.load.judge import PLAN_FILE, recheck
from lab.load.machine import MACHINE_FILE, machine
from lab.load.orders import Orders
from lab.load.plan import LoadPlan
from lab.load.reading import Following, merged, samples_files
from lab.load.slices import slice_of
from lab.load.spool import spool_of
from lab.model.load import LoadResult

START_S = 60.0  # importing Locust took 4 s on two busy cores
GRACE_S = 15.0  # its shutdown
WATCH_S = 0.1
_TOO_LONG = "The load generator did not end within {:.0f} s: is this machine overloaded?"


def run(plan: LoadPlan, folder: Path, *, on_progress: Callable[[float], None] | None = None) -> LoadResult:
    """Play a plan and judge it; ``on_progress`` is told the fraction done, from 0 to 1.

    Leaves in ``folder``: ``plan.json`` without secrets, ``machine.txt``, ``samples.jsonl`` (one for each
    generator when there are several), ``locust.json``, ``locust.log``, ``answers.jsonl`` (and in
    ``wrong-answers`` some that were wrong), and ``ending.json`` when it ended before its end.
    When interrupted, the children are ended first and ``recheck(folder)`` judges what was recorded.

    Raises:
        LoadError: the generator failed; a server that is slow, wrong or dead gives a result instead.
    """
    _refuse_missing_assertions(plan)
    folder = folder.resolve()  # the children work there, whatever folder we are in
    files = samples_files(folder, plan.workers)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file in files:
            file.unlink(missing_ok=True)
        forget(folder)
        forget_answers([spool_of(file) for file in files], folder)
        (folder / PLAN_FILE).write_bytes(plan.public().to_json())
        (folder / MACHINE_FILE).write_text(machine(), encoding="utf-8")
    except OSError as error:
        message = f"The results cannot be written to {folder} ({error.strerror}): free some space there."
        raise LoadError(message) from None
    with calibration_target() as echo_url:
        orders = [
            Orders(slice_of(plan, number), file.name, number, echo_url) for number, file in enumerate(files)
        ]
        children = Children(orders, folder)
        try:
            ending = _Watch(children, plan, files).until_the_end(on_progress)
        finally:
            children.stop()
    if ending is not None:
        keep(ending, folder)
    return recheck(folder)


class _Watch:
    """Follows the generators of one run until they have all finished, or one thing ends it early."""

    def __init__(self, children: Children, plan: LoadPlan, files: Sequence[Path]) -> None:
        self._children = children
        self._plan = plan
        self._followed = [Following(file) for file in files]
        self._aborting = [
            gate for gate in map(parse, plan.thresholds) if isinstance(gate, Gate) and gate.aborts
        ]

    def until_the_end(self, on_progress: Callable[[float], None] | None) -> Ending | None:
        """Return why it ended early, None when it did not."""
        limit = START_S + self._plan.duration_s + self._plan.timeout_s + GRACE_S
        deadline = time.monotonic() + limit
        told = 0.0
        try:
            while True:
                over = self._over()
                news = [one.catch_up() for one in self._followed]
                slowest = min(one.at for one in self._followed)
                done = 1.0 if over else min(1.0, slowest / self._plan.duration_s)
                if on_progress is not None and done > told:
                    on_progress(done)
                    told = done
                if over:
                    return None
                if (dead := self._dead()) is not None:
                    return dead
                if any(news) and (missed := self._missed()) is not None:
                    return Ending("aborted", self._at, threshold=missed.expression)
                if time.monotonic() > deadline:
                    raise LoadError(_TOO_LONG.format(limit))
                time.sleep(WATCH_S)
        finally:
            for one in self._followed:
                one.close()

    @property
    def _at(self) -> float:
        return max(one.at for one in self._followed)

    def _over(self) -> bool:
        """Tell whether everyone ended as they should."""
        return all(child.poll() == 0 for child in self._children.all)

    def _dead(self) -> Ending | None:
        """Return the end that the death of a generator is.

        Raises:
            LoadError: it ended of itself, for a reason that its log says.
        """
        for number, child in enumerate(self._children.all):
            code = child.poll()
            if code is not None and code < 0:
                return Ending("worker", self._at, worker=number + 1, signal=-code)
            if code:
                log = self._children.log_of(number)
                message = f"The load generator ended with exit code {code}: {last_line(log)}"
                raise LoadError(message)
        return None

    def _missed(self) -> Gate | None:
        """Return a threshold that ends the run and is not met any more."""
        if not self._aborting:
            return None
        cells = merged(one.recording for one in self._followed).cells
        return next((gate for gate in self._aborting if gate.is_missed(cells)), None)


def _refuse_missing_assertions(plan: LoadPlan) -> None:
    for persona in plan.personas:
        needed = plan.tokens_needed.get(persona.name, 0)
        if persona.token and 0 < len(persona.token.assertions) < needed:
            message = (
                f"Persona {persona.name} has {len(persona.token.assertions)} client assertions and this plan "
                f"uses {needed}, one for each token: mint as many as LoadPlan.tokens_needed says."
            )
            raise LoadError(message)
