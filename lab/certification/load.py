"""Play the load that the application promises to bear, in the name of the identities of its manifest."""

from collections.abc import Callable
from dataclasses import replace

from lab.certification.folder import RunFolder
from lab.certification.preparation import assertions, load_target, preparation_wire
from lab.checking.truth import Truth
from lab.engine.plan import EnginePlan
from lab.engine.wire import LiveWire
from lab.load.catalogue import scenario_named
from lab.load.plan import LoadPlan, Persona, build
from lab.load.runner import run
from lab.model.load import LoadResult
from lab.model.target import LoadPromise, ServerRole


def run_load(
    promise: LoadPromise,
    server: ServerRole,
    plan: EnginePlan,
    folder: RunFolder,
    truth: Truth,
    progress: Callable[[float], None],
) -> LoadResult:
    """Build the plan of the promised profile, run it and judge it.

    Raises:
        LoadError: a profile or figure is unknown, or the load could not be played for a reason of ours.
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
        )
        personas = tuple(_armed(persona, load, plan, wire) for persona in load.personas)
    return run(replace(load, personas=personas), folder.load, on_progress=progress)


def _armed(persona: Persona, load: LoadPlan, plan: EnginePlan, wire: LiveWire) -> Persona:
    """Return the persona with the one-use assertions that its token requests will need."""
    if persona.token is None:
        return persona
    count = load.tokens_needed.get(persona.name, 0)
    signed = assertions(plan.secrets.access[persona.name], count, wire)
    return replace(persona, token=replace(persona.token, assertions=signed))
