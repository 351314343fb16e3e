"""Says in the laboratory's own words what a load threshold showed."""

from collections.abc import Mapping
from typing import Any

from reports.words import OUTCOMES


def threshold_outcome(result: Mapping[str, Any], threshold: Mapping[str, Any]) -> str:
    """Return ``pass``, ``fail`` or ``skip`` for one threshold of a load result.

    Nothing measured by an invalid run is shown, neither a success nor a failure: ``skip``. Only a leak
    stays a leak, however poor the measure around it.
    """
    if result["valid"]:
        return "pass" if threshold["met"] else "fail"
    return "fail" if result["leaks"] and not threshold["met"] else "skip"


def load_outcome(result: Mapping[str, Any]) -> str:
    """Return the outcome of a whole profile: its worst threshold; ``skip`` when nothing could be judged."""
    if result["leaks"]:
        return "fail"
    outcomes = {threshold_outcome(result, threshold) for threshold in result["thresholds"]}
    return min(outcomes, key=OUTCOMES.index, default="skip")
