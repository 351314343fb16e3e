"""What the processes of a run used, second by second, on the time axis of its load."""

from collections.abc import Mapping, Sequence
from typing import Any

PROCESSOR = ("application_cpu", "hospital_cpu")
MEMORY = ("application_mb", "hospital_mb")
_MB = 1_000_000


def with_usage(
    series: Sequence[Mapping[str, Any]], usage: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return the seconds of a load with the cores and megabytes used; what was not measured is a hole."""
    known = {second["t"]: dict(second) for second in series}
    for one in usage:
        second = known.get(int(one["t"]))
        if second is not None:
            second[f"{one['name']}_cpu"] = one["cpu"]
            second[f"{one['name']}_mb"] = one["memory"] / _MB
    return list(known.values())
