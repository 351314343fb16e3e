"""Results of one person resemble one another: autocorrelation of creatinine and haemoglobin in a stated band.

Pairs are consecutive measures of one patient, in the order of the file. Independent draws would correlate by
sex, age and disease only; copies would correlate fully.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthetic_data.verification.blocks import Block
from synthetic_data.verification.checking import Check, Defect, Gathered, Judgement, Readings, total
from synthetic_data.verification.hospital import Hospital

NAME = "steadiness"
# LOINC: name, whether to compare logarithms (skewed laws), lowest and highest correlation.
_BANDS = {
    b"14682-9": ("creatinine", True, 0.5, 0.99),
    b"718-7": ("haemoglobin", False, 0.5, 0.99),
}
_ENOUGH = 200
_SUMS = 6  # pairs, sums of x, y, xx, yy, xy


def _gather(block: Block, hospital: Hospital) -> Mapping[str, Any] | None:
    sums = {}
    code = block.text("code.coding[0].code")
    for loinc, (name, logarithm, _, _) in _BANDS.items():
        measured = code == loinc
        if measured.any():
            value = block.numbers("valueQuantity.value", measured)
            sums[name] = _sums(hospital.patients_of(block)[measured], value, logarithm=logarithm)
    return sums or None


def _sums(patient: NDArray[np.int64], value: NDArray[np.float64], *, logarithm: bool) -> NDArray[np.float64]:
    good = (value > 0) & (patient >= 0)
    patient, value = patient[good], np.log(value[good]) if logarithm else value[good]
    same = patient[1:] == patient[:-1]
    x, y = value[:-1][same], value[1:][same]
    return np.array([len(x), x.sum(), y.sum(), (x * x).sum(), (y * y).sum(), (x * y).sum()])


def _judge(_hospital: Hospital, gathered: Sequence[Gathered], _readings: Readings) -> Judgement:
    defects: list[Defect] = []
    numbers: dict[str, Any] = {}
    notes: list[str] = []
    for name, _, lowest, highest in _BANDS.values():
        sums = total(gathered, name) + np.zeros(_SUMS)
        if sums[0] < _ENOUGH:
            notes.append(f"{name}: fewer than {_ENOUGH} pairs of measures")
            continue
        correlation = _correlation(sums)
        numbers |= {f"pairs of {name}": int(sums[0]), f"correlation of {name}": round(correlation, 3)}
        if not lowest <= correlation <= highest:
            expected = f"a correlation of {lowest} to {highest} between measures of a patient"
            defects.append(Defect(NAME, "", name, expected, f"{correlation:.3f}"))
    return Judgement(tuple(defects), numbers, tuple(notes), applicable=bool(numbers))


def _correlation(sums: NDArray[np.float64]) -> float:
    count, x, y, xx, yy, xy = sums
    spread = np.sqrt((xx - x * x / count) * (yy - y * y / count))
    return float((xy - x * y / count) / spread) if spread > 0 else 1.0


CHECK = Check(
    NAME,
    "creatinine and haemoglobin of one patient are correlated from one measure to the next",
    _judge,
    _gather,
    frozenset({"Observation"}),
)
