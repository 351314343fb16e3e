"""The part of a plan that one of several generators plays: nothing twice, nothing left out.

Arrivals go round the generators one by one, people too. A token request goes round apart, by persona, so that
each generator renews its own tokens; a one-use assertion is given to one generator only.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from lab.load.arrival import TOKEN, Arrival
from lab.load.drawn import Drawn
from lab.load.people import Crowd
from lab.load.plan import LoadPlan
from lab.load.target import Persona


def slice_of(plan: LoadPlan, worker: int) -> LoadPlan:
    """Return what generator ``worker`` (from 0 to ``plan.workers`` - 1) plays of a plan."""
    if plan.workers == 1:
        return plan
    arrivals, sessions = plan.arrivals, plan.sessions
    return replace(
        plan,
        arrivals=arrivals.share(worker, plan.workers)
        if isinstance(arrivals, Drawn)
        else tuple(arrival for arrival, whose in _dealt(arrivals, plan.workers) if whose == worker),
        sessions=sessions.share(worker, plan.workers)
        if isinstance(sessions, Crowd)
        else sessions[worker :: plan.workers],
        personas=tuple(_armed(persona, plan, worker) for persona in plan.personas),
        slots=math.ceil(plan.slots / plan.workers),
    )


def _dealt(arrivals: Iterable[Arrival], workers: int) -> Iterator[tuple[Arrival, int]]:
    """Yield each arrival with the generator that plays it."""
    dealt: Counter[str] = Counter()
    for arrival in arrivals:
        to = arrival.persona if arrival.route == TOKEN else ""
        yield arrival, dealt[to] % workers
        dealt[to] += 1


def _armed(persona: Persona, plan: LoadPlan, worker: int) -> Persona:
    """Return the persona with the assertions of one generator: one to start with, then one for each token."""
    if persona.token is None or not persona.token.assertions:
        return persona
    uses = [_tokens_of(plan, persona.name, other) for other in range(worker + 1)]
    before = sum(1 + used for used in uses[:worker])
    mine = persona.token.assertions[before : before + 1 + uses[worker]]
    return replace(persona, token=replace(persona.token, assertions=mine))


def _tokens_of(plan: LoadPlan, persona: str, worker: int) -> int:
    if isinstance(plan.arrivals, Drawn):
        return plan.arrivals.tokens_of(worker, plan.workers).get(persona, 0)
    dealt = _dealt(plan.arrivals, plan.workers)
    return sum(whose == worker and one.route == TOKEN and one.persona == persona for one, whose in dealt)
