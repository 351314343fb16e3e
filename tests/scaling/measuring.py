"""Measures the zoo as an application is measured: real sockets, the real child processes."""

from zoo.server import zoo

from lab.load.arrival import Arrival
from lab.load.routes import BUNDLE
from lab.load.target import Persona
from lab.scaling.plan import Limits, ScalePlan
from lab.scaling.rounds import plan_of
from lab.scaling.runner import measure

# The time of these servers is slept: a busy machine disturbs the control long before it disturbs them.
BUSY_MACHINE = Limits(drift=1000.0)


def measured(laws, folder, **asked):
    """Return the result of laws measured with few and short cells; each law is a route."""
    few = {"sizes": (250, 500, 1000, 2000), "concurrencies": (1,), "repetitions": 3, "most_repetitions": 6}
    asked = {**few, "cell_s": 0.1, **asked}
    plan = ScalePlan(routes=tuple(laws), limits=BUSY_MACHINE, **asked)
    with zoo(laws, plan.sizes) as servers:
        return measure(plan, lambda: targets(servers), folder)


def targets(servers):
    """Return how anybody searches each server by each of its laws."""
    return {
        size: plan_of(
            server.base_url,
            (Persona("anyone"),),
            tuple(Arrival(law, f"Observation?law={law}", "anyone", BUNDLE) for law in server.laws),
            seed=1,
        )
        for size, server in servers.items()
    }
