"""Play the load that the application promises to bear, in the name of the identities of its manifest."""

from dataclasses import replace

from lab.certification.folder import RunFolder
from lab.certification.preparation import assertions, load_target, preparation_wire
from lab.certification.session import Gathered, Watcher
from lab.checking.truth import Truth
from lab.engine.plan import EnginePlan
from lab.engine.wire import LiveWire
from lab.load.catalogue import scenario_named
from lab.load.plan import LoadPlan, Persona, build
from lab.load.runner import run
from lab.model.target import LoadPromise, ServerRole
from lab.model.text import Text


def bear_load(plan: EnginePlan, folder: RunFolder, gathered: Gathered, watcher: Watcher) -> None:
    """Play the promise of the manifest, when it makes one and there is a server to load.

    Raises:
        LoadError: a profile or figure is unknown, or the load could not be played for a reason of ours.
        UnreachableError: the application gave no token.
    """
    subject = plan.context.subject
    if subject.load is None or subject.server is None:
        return
    watcher.stage(Text(fr="Charge", en="Load"))
    truth = Truth(subject, plan.context.seed, plan.context.groups, plan.context.hospital)
    load = _planned(subject.load, subject.server, plan, folder, truth)
    gathered.load.append(run(load, folder.load, on_progress=lambda share: watcher.advance(share, 1)))


def _planned(
    promise: LoadPromise, server: ServerRole, plan: EnginePlan, folder: RunFolder, truth: Truth
) -> LoadPlan:
    profile = scenario_named(promise.profile).profile(promise.assumptions)
    with preparation_wire(plan, folder) as wire:
        target = load_target(server, plan, wire, truth)
        load = build(profile, target, duration_s=promise.duration_s, scale=promise.scale, seed=truth.seed)
        return replace(load, personas=tuple(_armed(one, load, plan, wire) for one in load.personas))


def _armed(persona: Persona, load: LoadPlan, plan: EnginePlan, wire: LiveWire) -> Persona:
    """Return the persona with the one-use assertions that its token requests will need."""
    if persona.token is None:
        return persona
    count = load.tokens_needed.get(persona.name, 0)
    signed = assertions(plan.secrets.access[persona.name], count, wire)
    return replace(persona, token=replace(persona.token, assertions=signed))
