"""Glycated haemoglobin (HbA1c, LOINC 4548-4) is clearly higher in diabetic patients than in the others."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from synthetic_data.verification.blocks import Block
from synthetic_data.verification.checking import Check, Defect, Gathered, Judgement, Readings
from synthetic_data.verification.hospital import Hospital

NAME = "diabetes"
_HBA1C = b"4548-4"
_CODES = (b"E10", b"E11", b"E12", b"E13", b"E14")
_APART = 1.0  # points of HbA1c between the two means
_ENOUGH = 20  # measures on each side


def _gather(block: Block, hospital: Hospital) -> Mapping[str, Any] | None:
    code = block.text("code.coding[0].code")
    patients = hospital.patients_of(block)
    if block.type == "Condition":
        diabetic = np.any([np.char.startswith(code, start) for start in _CODES], axis=0)
        return {"diabetic": np.unique(patients[diabetic])}
    measured = code == _HBA1C
    if not measured.any():
        return None
    return {"patient": patients[measured], "value": block.numbers("valueQuantity.value", measured)}


def _judge(_hospital: Hospital, gathered: Sequence[Gathered], _readings: Readings) -> Judgement:
    diabetic = [part.values["diabetic"] for part in gathered if "diabetic" in part.values]
    measures = [part.values for part in gathered if "value" in part.values]
    if not diabetic or not measures:
        return Judgement(notes=("no diabetic patient or no measure",), applicable=False)
    patient = np.concatenate([values["patient"] for values in measures])
    value = np.concatenate([values["value"] for values in measures])
    sick = np.isin(patient, np.concatenate(diabetic))
    sizes = {"measures in diabetics": int(sick.sum()), "measures in others": int((~sick).sum())}
    if min(sizes.values()) < _ENOUGH:
        return Judgement(numbers=sizes, notes=(f"fewer than {_ENOUGH} measures on a side",), applicable=False)
    means = float(np.nanmean(value[sick])), float(np.nanmean(value[~sick]))
    numbers = {**sizes, "mean in diabetics": round(means[0], 2), "mean in others": round(means[1], 2)}
    expected = f"a mean {_APART} point higher in diabetics"
    seen = f"{means[0]:.2f} in diabetics, {means[1]:.2f} in others"
    wrong = means[0] - means[1] < _APART
    return Judgement((Defect(NAME, "", "HbA1c", expected, seen),) if wrong else (), numbers)


CHECK = Check(NAME, "HbA1c is higher in diabetics", _judge, _gather, frozenset({"Condition", "Observation"}))
