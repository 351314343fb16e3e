"""Little's law as a check on the measurement: callers = throughput times the mean time of a request.

Source: J. D. C. Little, Operations Research 9 (1961), https://doi.org/10.1287/opre.9.3.383
"""

LOWEST, HIGHEST = 0.9, 1.1


def little(concurrency: int, rate: float, mean_s: float) -> float:
    """Return N / (X R): 1 when every caller was always waiting for an answer; infinite when nothing came."""
    inside = rate * mean_s
    return concurrency / inside if inside > 0 else float("inf")


def holds(ratio: float) -> bool:
    """Tell whether a closed measurement can be trusted: a generator busy with itself sends too little."""
    return LOWEST <= ratio <= HIGHEST
