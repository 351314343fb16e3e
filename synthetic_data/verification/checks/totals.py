"""The six published counts are met to the unit, counted from the resources themselves."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from synthetic_data.tables import table
from synthetic_data.verification.blocks import Block
from synthetic_data.verification.checking import Check, Defect, Gathered, Judgement, Readings, total
from synthetic_data.verification.hospital import Hospital
from synthetic_data.verification.index import Index
from synthetic_data.verification.journeys import CONSULTATION, STAY
from synthetic_data.verification.keys import Keys

NAME = "totals"
CORE = ("sejours", "consultations", "irm", "scanner", "tep", "analyses")
# A PET study carries a CT series and counts as PET only; then MRI, then CT.
_MODALITIES = ((b"PT", "tep"), (b"MR", "irm"), (b"CT", "scanner"))


def announced(patients: int) -> dict[str, int]:
    """Give the six counts of the year for that many patients: largest remainders of their common sum."""
    year = {row["quantite"]: int(row["par_an"]) for row in table("volumes")}
    whole = year["patients"]
    parts = {name: divmod(year[name] * patients, whole) for name in CORE}
    counts = {name: quotient for name, (quotient, _) in parts.items()}
    sum_ = (2 * sum(year[name] for name in CORE) * patients + whole) // (2 * whole)
    by_remainder = sorted(CORE, key=lambda name: -parts[name][1])
    return counts | {name: counts[name] + 1 for name in by_remainder[: sum_ - sum(counts.values())]}


def _gather(block: Block, _hospital: Hospital) -> Mapping[str, Any] | None:
    if block.type == "Patient":
        return {"patients": len(block)}
    if block.type == "Observation":
        laboratory = np.zeros(len(block), bool)
        for path in _categories(block):
            laboratory |= block.text(path) == b"laboratory"
        return {"analyses": int(laboratory.sum())}
    if block.type == "ImagingStudy":
        return _studies(block)
    return {"part_of": block.keys("partOf.reference"), "own": block.keys("id")}


def _categories(block: Block) -> list[str]:
    firsts = list(block.ranks("category", "coding[0].code"))
    return [*firsts, *(path.replace("coding[0]", "coding[1]") for path in firsts)]


def _studies(block: Block) -> dict[str, int]:
    left = np.ones(len(block), bool)
    counts = {}
    codes = [
        block.text(path)
        for path in (*block.ranks("modality", "code"), *block.ranks("series", "modality.code"))
    ]
    for code, name in _MODALITIES:
        has = left & np.any([column == code for column in codes] or [np.zeros(len(block), bool)], axis=0)
        counts[name] = int(has.sum())
        left &= ~has
    return counts


def _judge(hospital: Hospital, gathered: Sequence[Gathered], _readings: Readings) -> Judgement:
    counted = {name: int(total(gathered, name)) for name in ("patients", "irm", "scanner", "tep", "analyses")}
    kind = hospital.encounters.columns.get("kind", np.empty(0))
    counted["sejours"] = int((kind == STAY).sum()) - _movements(hospital.encounters, gathered)
    counted["consultations"] = int((kind == CONSULTATION).sum())
    expected = announced(hospital.folder.plan.patients) | {"patients": hospital.folder.plan.patients}
    defects = []
    for name, count in expected.items():
        if counted[name] != count:
            defects.append(Defect(NAME, "", f"count of {name}", f"{count} for this plan", str(counted[name])))
        said = hospital.folder.volumes.get(name, count)
        if counted[name] != said:
            defects.append(
                Defect(
                    NAME, "manifest.json", f"count of {name}", f"{said} in the manifest", str(counted[name])
                )
            )
    return Judgement(tuple(defects), {name: counted[name] for name in expected})


def _movements(encounters: Index, gathered: Sequence[Gathered]) -> int:
    """Count the encounters of stay class that are part of a stay: changes of ward within it."""
    count = 0
    for part in gathered:
        whole: Keys | None = part.values.get("part_of")
        if whole is not None:
            of_stay = encounters.at("kind", encounters.rows(whole), 0) == STAY
            own_stay = encounters.at("kind", encounters.rows(part.values["own"]), 0) == STAY
            count += int((of_stay & own_stay).sum())
    return count


CHECK = Check(
    NAME,
    "stays, consultations, MRI, CT, PET and laboratory acts, counted from the content",
    _judge,
    _gather,
    frozenset({"Patient", "Encounter", "Observation", "ImagingStudy"}),
)
