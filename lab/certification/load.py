"""Play the load that the application promises to bear, in the name of the identities of its manifest."""

from collections.abc import Mapping
from dataclasses import replace

from lab.certification.folder import RunFolder
from lab.certification.preparation import load_target, preparation_wire
from lab.certification.session import Gathered, Watcher
from lab.checking.truth import Truth
from lab.engine.plan import EnginePlan
from lab.load.by_hand import write_plan
from lab.load.catalogue import scenario_named
from lab.load.growth import measurable
from lab.load.judge import PLAN_FILE, recheck
from lab.load.plan import LoadPlan, build
from lab.load.playing import Playing
from lab.load.runner import run
from lab.load.usage import USAGE_FILE, Meter
from lab.model.target import LoadPromise, ServerRole
from lab.model.text import Text


def bear_load(
    plan: EnginePlan,
    folder: RunFolder,
    gathered: Gathered,
    watcher: Watcher,
    playing: Playing,
    processes: Mapping[str, int],
) -> None:
    """Play the promise of the manifest, when it makes one and there is a server to load.

    ``processes`` are those whose use of this machine is measured meanwhile, by name.
    Interrupted, what was recorded is judged and kept: it says that it stopped before its end.

    Raises:
        LoadError: a profile or figure is unknown, or the load could not be played for a reason of ours.
        UnreachableError: the application gave no token.
    """
    subject = plan.context.subject
    if subject.load is None or subject.server is None:
        return
    watcher.stage(Text(fr="Charge", en="Load"))
    truth = Truth(subject, plan.context.seed, plan.context.groups, plan.context.hospital)
    load = planned(subject.load, subject.server, plan, folder, truth, playing)
    load = replace(load, thresholds=measurable(load.thresholds, processes))
    if playing.write_to is not None:
        write_plan(load, playing.write_to)
        return
    meter = Meter(processes, folder.load / USAGE_FILE)

    def advance(share: float) -> None:
        watcher.advance(share, 1)
        meter.measure(share * load.duration_s)

    try:
        gathered.load.append(run(load, folder.load, on_progress=advance))
    except KeyboardInterrupt:
        if (folder.load / PLAN_FILE).exists():
            gathered.load.append(recheck(folder.load))
        raise


def planned(
    promise: LoadPromise,
    server: ServerRole,
    plan: EnginePlan,
    folder: RunFolder,
    truth: Truth,
    playing: Playing,
) -> LoadPlan:
    """Return the promise as a plan with its secrets, ready to be played.

    Raises:
        LoadError: a profile or figure is unknown, or it is more than a run holds.
        UnreachableError: the application gave no token.
    """
    profile = scenario_named(promise.profile).profile(promise.assumptions)
    with preparation_wire(plan, folder) as wire:
        target = load_target(server, plan, wire, truth)
        load = build(
            profile,
            target,
            duration_s=promise.duration_s,
            scale=promise.scale,
            seed=truth.seed,
            workers=playing.workers,
        )
    return replace(load, engine=playing.engine)
