"""What the policy reads of a scalability result: thresholds, and why nothing can be said without them."""

from dataclasses import dataclass

from lab.model.load import Threshold
from lab.model.scaling import Interaction, ScalingResult
from lab.model.text import Text
from lab.model.words import Growth
from lab.scaling.words import GROWTH

PROFILE = "scale"


@dataclass(frozen=True)
class GrowthPromise:
    """A scalability result in the terms of a load; it is valid when something of it can be said for sure."""

    title: Text
    valid: bool
    invalid_reason: Text | None
    thresholds: tuple[Threshold, ...]
    profile: str = PROFILE
    leaks: int = 0


def promise(result: ScalingResult) -> GrowthPromise:
    """Return the promise about growth, as far as it was shown kept or broken."""
    known = tuple(_threshold(one, result) for one in result.interactions if one.meets is not None)
    valid = result.meets is not None
    reason = None if valid else result.invalid_reason or _unknown(result)
    return GrowthPromise(result.title, valid, reason, known)


def _threshold(one: Interaction, result: ScalingResult) -> Threshold:
    law = one.law
    expression = f"{one.name}: growth <= {result.at_most}"
    if law is None:
        return Threshold(expression, None, met=False, samples=0)
    return Threshold(expression, law.slope, bool(one.meets), one.requests, law.low, law.high)


def _unknown(result: ScalingResult) -> Text:
    for one in result.interactions:
        if one.invalid_reason is not None:
            return Text(f"{one.name} : {one.invalid_reason.fr}", f"{one.name}: {one.invalid_reason.en}")
    for one in result.interactions:
        if one.meets is None and one.law is not None and one.law.growth is Growth.INDETERMINATE:
            law = one.law
            seen = f"{law.slope:.2f} [{law.low:.2f} … {law.high:.2f}]"
            return Text(
                fr=f"{one.name} : indéterminé, pente {seen.replace('.', ',')} après {result.repetitions} "
                f"répétitions, entre {GROWTH[law.least].fr} et {GROWTH[law.most].fr}. Ajouter des "
                "répétitions (--most-repetitions) ou des tailles.",
                en=f"{one.name}: indeterminate, slope {seen} after {result.repetitions} repetitions, "
                f"between {law.least} and {law.most}. Add repetitions (--most-repetitions) or sizes.",
            )
    return Text(fr="Rien n'a été mesuré.", en="Nothing was measured.")
