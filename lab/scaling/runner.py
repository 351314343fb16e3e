"""Measures a plan: the control and the player as child processes, round by round, until enough is known.

The rounds reach the player through a pipe, so that keys and tokens are never on disk.
"""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from lab.load.arrival import Arrival
from lab.load.plan import LoadPlan
from lab.load.routes import BUNDLE
from lab.load.target import Persona
from lab.model.scaling import ScalingResult
from lab.model.text import Text
from lab.scaling.cell import CONTROL, Measured, from_json
from lab.scaling.child import Child, child
from lab.scaling.doubt import of_sizes
from lab.scaling.judge import CELLS_FILE, PLAN_FILE, judge, wants_more
from lab.scaling.plan import Round, ScalePlan

LOG_FILE = "player.log"
START_S = 60.0  # importing gevent on a busy machine, before the first cell
GRACE_S = 20.0  # beyond what a cell may last
_NETWORK = frozenset({"connection refused", "connection lost", "timeout"})

Targets = Callable[[], Mapping[int, LoadPlan]]
"""Who asks what at each size, as it is when a round begins."""


class SilentError(Exception):
    """The application stopped answering at one size, in patients."""

    def __init__(self, size: int, reason: str) -> None:
        super().__init__(f"{size}: {reason}")
        self.size, self.reason = size, reason


def measure(
    plan: ScalePlan, targets: Targets, folder: Path, on_progress: Callable[[float, float], None] | None = None
) -> ScalingResult:
    """Play repetitions until the classes are known or the most is reached, and judge them.

    Leaves ``plan.json``, ``cells.jsonl`` and ``player.log`` in the folder; when interrupted, ``recheck``
    judges what was recorded. ``on_progress`` is told the cells played and those planned.

    Raises:
        LoadError: the generator or the control failed.
        SilentError: nothing answers any more at one size.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / PLAN_FILE).write_bytes(plan.to_json())
    if of_sizes(plan.sizes, plan.held) is not None:
        return judge(plan, ())  # whatever would be measured, it would not be growth
    measured: list[Measured] = []
    log = folder / LOG_FILE
    with (
        (folder / CELLS_FILE).open("wb") as file,
        child("lab.scaling.steady", folder, log) as control,
        child("lab.scaling.player", folder, log) as player,
    ):
        port = int(control.line(START_S))
        repetition, planned = 0, plan.repetitions + 1
        result = judge(plan, ())
        while repetition == 0 or wants_more(plan, result):
            planned = max(planned, repetition + 1)
            one = _round(plan, repetition, {**targets(), 0: _control(port, plan.seed)})
            played = []
            for cell in _play(player, one):
                file.write(cell.to_json() + b"\n")
                file.flush()
                played.append(cell)
                if on_progress is not None:
                    done = repetition * len(one.cells) + len(played)
                    on_progress(done, planned * len(one.cells))
            _refuse_silence(played)
            measured += played
            result = judge(plan, measured)
            repetition += 1
    return result


def _round(plan: ScalePlan, repetition: int, targets: dict[int, LoadPlan]) -> Round:
    cells = plan.order(repetition)
    return Round(repetition, plan.seed, plan.cell_s, plan.cell_requests, plan.limits.drift, cells, targets)


def _control(port: int, seed: int) -> LoadPlan:
    """Return the control as one more server to ask, which is open to anybody."""
    return plan_of(
        f"http://127.0.0.1:{port}",
        (Persona(CONTROL),),
        (Arrival(CONTROL, CONTROL, CONTROL, BUNDLE),),
        seed=seed,
    )


def plan_of(
    base_url: str,
    personas: tuple[Persona, ...],
    arrivals: tuple[Arrival, ...],
    *,
    seed: int,
    token_url: str | None = None,
) -> LoadPlan:
    """Return the plan that a session speaks for: its arrivals are ways of asking, not a schedule."""
    return LoadPlan(
        profile="scale",
        title=Text(fr="", en=""),
        base_url=base_url,
        token_url=token_url,
        duration_s=0.0,
        rate=0.0,
        scale=1.0,
        seed=seed,
        thresholds=(),
        personas=personas,
        arrivals=arrivals,
        slots=0,
    )


def _play(player: Child, one: Round) -> Iterator[Measured]:
    player.tell(one.to_json())
    timeout_s = max(target.timeout_s for target in one.targets.values())
    for number, _ in enumerate(one.cells):
        # Each caller may wait for one answer more than its time; a disturbed cell is played twice.
        patience = 2 * (one.cell_s + 2 * timeout_s) + GRACE_S + (START_S if number == 0 else 0)
        yield from_json(player.line(patience))


def _refuse_silence(played: list[Measured]) -> None:
    for size in {cell.size for cell in played}:
        cells = [cell for cell in played if cell.size == size]
        reasons = {reason for cell in cells for reason in cell.wrong}
        if not any(cell.service_us for cell in cells) and reasons <= _NETWORK:
            raise SilentError(size, ", ".join(sorted(reasons)))
