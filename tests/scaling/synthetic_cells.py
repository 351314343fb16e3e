"""Cells as the player would have written them, from a law and noise that only the seed decides."""

from random import Random

from lab.scaling.cell import CONTROL, Measured
from lab.scaling.plan import ScalePlan

PLAN = ScalePlan(routes=("search",), concurrencies=(1, 2, 4, 8), repetitions=5, most_repetitions=6)


def cells(latency_ms, plan=PLAN, *, repetitions=5, seed=1, **flaws):
    """Return the warm-up and so many repetitions of a law: milliseconds by size and concurrency.

    Flaws: ``control_ms`` by repetition, ``cpu`` and ``gap`` (the share of its time that a caller does not
    wait) by concurrency, ``wrong`` answers in each cell.
    """
    random = Random(seed)  # noqa: S311 - the same noise for the same seed
    played = []
    for repetition in range(repetitions + 1):
        for cell in plan.order(repetition):
            if cell.route == CONTROL:
                base = flaws.get("control_ms", lambda _: 1.0)(repetition)
            else:
                base = latency_ms(cell.size, cell.concurrency) * random.lognormvariate(0, 0.05)
            service = tuple(round(1000 * base * random.lognormvariate(0, 0.02)) for _ in range(20))
            busy = sum(service) / 1e6 * (1 + flaws.get("gap", lambda _: 0.0)(cell.concurrency))
            other = cell.route != CONTROL
            played.append(
                Measured(
                    repetition,
                    cell.size,
                    cell.route,
                    cell.concurrency,
                    busy,
                    flaws.get("cpu", lambda _: 0.1)(cell.concurrency) if other else 0.1,
                    service * cell.concurrency,
                    {"unexpected body": flaws["wrong"]} if other and flaws.get("wrong") else {},
                )
            )
    return played


def contended(size, concurrency):
    """Take 2 ms for each hundred patients, and wait for others a tenth of the time."""
    return size / 50 * (1 + 0.1 * (concurrency - 1))
