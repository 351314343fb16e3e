"""See how the application grows: an instance for each size, measured interleaved, judged, written as a run.

manifest -> instances of every size -> cells -> laws -> verdict -> run.json -> reports
"""

import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from lab.certification.application import UnreachableError
from lab.certification.conclude import Conclusion
from lab.certification.folder import RunFolder, new_folder
from lab.certification.growable import grows_in_place
from lab.certification.growing import Grown, grow
from lab.certification.growing_in_place import InPlace
from lab.certification.keys import new_keys
from lab.certification.recorded import record
from lab.certification.session import Gathered, Nobody, Watcher
from lab.load.error import LoadError
from lab.load.plan import LoadPlan
from lab.model.scaling import ScalingResult
from lab.model.target import SystemUnderTest
from lab.model.text import Text
from lab.model.words import Suite
from lab.scaling.in_place import measure_in_place
from lab.scaling.judge import recheck
from lab.scaling.plan import FIRST, PLAN_FILE, ScalePlan
from lab.scaling.rounds import SilentError
from lab.scaling.runner import measure

_LOAD = frozenset({Suite.LOAD})


@dataclass(frozen=True)
class Asked:
    """How the caller wants the run: where its folder goes, and how to run the same again."""

    out: Path
    command: str = ""


def scale(
    subject: SystemUnderTest, plan: ScalePlan, asked: Asked, watcher: Watcher | None = None
) -> RunFolder:
    """Measure the growth of an application and write its folder, also when it ends early."""
    started = datetime.now(UTC)
    folder = new_folder(asked.out, subject.name, started)
    gathered = Gathered()
    conclusion = Conclusion(subject, plan.seed, plan.sizes[-1], _LOAD, asked.command, started, asked=_LOAD)
    follower = watcher or Nobody()
    record(conclusion, gathered, folder, lambda: _play(subject, plan, folder, gathered, follower))
    return folder


def _play(
    subject: SystemUnderTest, plan: ScalePlan, folder: RunFolder, gathered: Gathered, watcher: Watcher
) -> None:
    keys = new_keys()
    with ExitStack() as stack:
        private = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lab-")))
        if grows_in_place(subject):
            place = InPlace(stack, subject, plan, keys, private, folder, gathered)
            _play_in_place(plan, place, folder, gathered, watcher)
            return
        grown = []
        for number, size in enumerate(plan.sizes):
            watcher.stage(Text(fr=f"Une instance de {size} patients", en=f"An instance of {size} patients"))
            watcher.advance(number, len(plan.sizes))
            grown.append(grow(stack, subject, size, plan.seed, keys, private / str(size), folder))
        plan = replace(plan, held=tuple(one.held() for one in grown), routes=_offered(plan, grown, gathered))
        watcher.stage(Text(fr="Mesures entrelacées", en="Interleaved measurements"))

        def targets() -> Mapping[int, LoadPlan]:
            return {one.size: one.asking() for one in grown}

        _measure(lambda: measure(plan, targets, folder.scaling, watcher.advance), folder, gathered)


def _play_in_place(
    plan: ScalePlan, place: InPlace, folder: RunFolder, gathered: Gathered, watcher: Watcher
) -> None:
    """Grow the one application there is from size to size, and measure it at each."""
    watcher.stage(Text(fr="Mesures, l'application grandit sur place", en="Measurements, grown in place"))
    first = place.grow(plan.sizes[0])
    plan = replace(plan, interleaved=False, routes=(*_offered(plan, [first], gathered), FIRST))

    def grow_to(size: int) -> tuple[int, LoadPlan]:
        grown = first if size == first.size else place.grow(size)
        return grown.held(), grown.asking()

    _measure(lambda: measure_in_place(plan, grow_to, folder.scaling, watcher.advance), folder, gathered)


def _measure(play: Callable[[], ScalingResult], folder: RunFolder, gathered: Gathered) -> None:
    """Measure; what ends it early leaves what was measured, judged."""
    try:
        gathered.scaling.append(play())
    except SilentError as error:
        gathered.scaling.append(recheck(folder.scaling))
        raise UnreachableError(
            fr=f"L'instance de {error.size} patients ne répond plus ({error.reason}) ; les mesures sont "
            "gardées.",
            en=f"The instance of {error.size} patients no longer answers ({error.reason}); what was measured "
            "is kept.",
        ) from None
    except (KeyboardInterrupt, LoadError, UnreachableError):
        if (folder.scaling / PLAN_FILE).exists():
            gathered.scaling.append(recheck(folder.scaling))
        raise


def _offered(plan: ScalePlan, grown: list[Grown], gathered: Gathered) -> tuple[str, ...]:
    """Return the routes that every instance can be asked; the others are noted.

    Raises:
        UnreachableError: there is none.
    """
    known = [{one.route for one in instance.arrivals} for instance in grown]
    offered = tuple(route for route in plan.routes if all(route in routes for routes in known))
    missing = [route for route in plan.routes if route not in offered]
    if not offered:
        raise UnreachableError(
            fr="L'application ne montre rien qui puisse lui être demandé à toutes les tailles : vérifier "
            "l'identité full de son manifeste.",
            en="The application shows nothing that it can be asked at every size: check the identity full of "
            "its manifest.",
        )
    if missing:
        gathered.notes.append(f"Not measured, because not every instance offers it: {', '.join(missing)}.")
    return offered
