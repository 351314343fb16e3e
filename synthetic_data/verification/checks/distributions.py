"""Every distribution is close to its law: at most 0.01 away, or what luck explains when there is little."""

from collections.abc import Mapping, Sequence
from typing import Any

from synthetic_data.verification.blocks import Block
from synthetic_data.verification.checking import Check, Defect, Gathered, Judgement, Readings, total
from synthetic_data.verification.hospital import Hospital
from synthetic_data.verification.target import CLOSEST, Target, all_targets

NAME = "distributions"
_ENOUGH = 100  # below, even luck says nothing


def _gather(block: Block, hospital: Hospital) -> Mapping[str, Any]:
    return {
        target.name: target.observe(block, hospital) for target in all_targets() if target.type == block.type
    }


def _judge(hospital: Hospital, gathered: Sequence[Gathered], _readings: Readings) -> Judgement:
    defects: list[Defect] = []
    numbers: dict[str, Any] = {}
    notes: list[str] = []
    for target in all_targets():
        observed = total(gathered, target.name)
        size = int(observed.sum()) if hasattr(observed, "sum") else 0
        if size < _ENOUGH:
            notes.append(f"{target.name}: only {size} observations, not judged")
            continue
        law = target.law(hospital)
        distance, luck = target.distance(observed, law), target.luck(size)
        numbers[target.name] = {"observations": size, "distance": round(distance, 5), "luck": round(luck, 5)}
        if luck > CLOSEST:
            notes.append(f"{target.name}: {size} observations only, judged against luck ({luck:.4f})")
        defects += _impossible(target, observed, law)
        if distance > max(CLOSEST, luck):
            measure = "D" if target.ordered else "V"
            expected = f"{measure} of at most {max(CLOSEST, luck):.4f}"
            defects.append(
                Defect(
                    NAME,
                    "",
                    target.name,
                    expected,
                    f"{measure} = {distance:.4f} ({_widest(target, observed, law)})",
                )
            )
    return Judgement(tuple(defects), numbers, tuple(notes), applicable=bool(numbers))


def _impossible(target: Target, observed: Any, law: Any) -> list[Defect]:
    """Give what the law excludes and was seen nevertheless."""
    count = int(observed[law <= 0].sum())
    labels = [
        label
        for label, seen, weight in zip(target.labels, observed, law, strict=True)
        if seen and weight <= 0
    ]
    what = f"{target.name}: excluded by the law"
    return [Defect(NAME, "", what, "none", ", ".join(labels[:5]), "", count)] if count else []


def _widest(target: Target, observed: Any, law: Any) -> str:
    """Name the label that is the furthest from its law."""
    share, wanted = observed / observed.sum(), law / law.sum()
    worst = int(abs(share - wanted).argmax())
    return f"{target.labels[worst]}: {share[worst]:.2%} instead of {wanted[worst]:.2%}"


CHECK = Check(NAME, "ages, sexes and rhythms follow their laws", _judge, _gather)
