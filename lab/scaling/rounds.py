"""The control and the player as child processes, which play one round after the other.

Rounds reach the player through a pipe, so that keys and tokens are never on disk.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from lab.load.arrival import Arrival
from lab.load.plan import LoadPlan
from lab.load.routes import BUNDLE
from lab.load.target import Persona
from lab.model.text import Text
from lab.scaling.cell import CELLS_FILE, CONTROL, Cell, Measured, from_json
from lab.scaling.child import Child, child
from lab.scaling.plan import Round, ScalePlan

LOG_FILE = "player.log"
START_S = 60.0  # importing gevent on a busy machine, before the first cell
GRACE_S = 20.0  # beyond what a cell may last
_NETWORK = frozenset({"connection refused", "connection lost", "timeout"})

Targets = Mapping[int, LoadPlan]
"""Who asks what at each size."""

Play = Callable[[ScalePlan, int, Sequence[Cell], Targets], Iterator[Measured]]
"""Plays the cells of one repetition and gives each as it was measured; it raises what ``rounds`` says."""


class SilentError(Exception):
    """The application stopped answering at one size, in patients."""

    def __init__(self, size: int, reason: str) -> None:
        super().__init__(f"{size}: {reason}")
        self.size, self.reason = size, reason


@contextmanager
def rounds(folder: Path) -> Iterator[Play]:
    """Give what plays rounds, for the length of the block; what is measured is appended to ``cells.jsonl``.

    Raises:
        LoadError: the generator or the control failed.
        SilentError: nothing answers any more at one size.
    """
    log = folder / LOG_FILE
    with (
        (folder / CELLS_FILE).open("wb") as file,
        child("lab.scaling.steady", folder, log) as control,
        child("lab.scaling.player", folder, log) as player,
    ):
        port = int(control.line(START_S))

        def play(
            plan: ScalePlan, repetition: int, cells: Sequence[Cell], targets: Targets
        ) -> Iterator[Measured]:
            one = _round(plan, repetition, cells, {**targets, 0: _control(port, plan.seed)})
            played = []
            for cell in _play(player, one):
                file.write(cell.to_json() + b"\n")
                file.flush()
                played.append(cell)
                yield cell
            _refuse_silence(played)

        yield play


def _round(plan: ScalePlan, repetition: int, cells: Sequence[Cell], targets: dict[int, LoadPlan]) -> Round:
    drift = plan.limits.drift
    return Round(repetition, plan.seed, plan.cell_s, plan.cell_requests, drift, tuple(cells), targets)


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
