"""How long stays last: the published share without a night and mean, and a log-normal law by diagnosis.

The law of the nights is that of the diagnoses that were observed, each around its median (cim10.csv) times
one factor for all; births are left out, as mother and child leave together.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from math import erf, log, sqrt
from typing import Any

import numpy as np

from synthetic_data.tables import proportion, table
from synthetic_data.verification.blocks import Block
from synthetic_data.verification.checking import Check, Defect, Gathered, Judgement, Readings, total
from synthetic_data.verification.distances import Floats, cramers_v, kolmogorov_smirnov, luck_of_d, luck_of_v
from synthetic_data.verification.hospital import Hospital
from synthetic_data.verification.instants import DAY
from synthetic_data.verification.target import CLOSEST

NAME = "stays"
_SPREAD = 0.6
_MOST = 60  # more nights are counted together
_SETTLED = 31 * DAY  # stays that began later may not be over yet
_ENOUGH = 1000
_MEAN_WITHIN = 0.03  # of the published mean
_BIRTHS = ("O60", "O80", "O82")


@cache
def _medians() -> dict[str, float]:
    return {
        row["code"]: float(row["nuits"])
        for row in table("cim10")
        if row["exige"] != "naissance" and not row["code"].startswith(_BIRTHS)
    }


def _gather(block: Block, hospital: Hospital) -> Mapping[str, Any]:
    class_ = block.text("class.code")
    start, end = block.instants("period.start"), block.instants("period.end")
    stay = ((class_ == b"IMP") | (class_ == b"SS")) & (block.keys("partOf.reference").space < 0)
    stay &= start.seconds < hospital.now - _SETTLED
    alive = block.text("hospitalization.dischargeDisposition.coding[0].code") != b"exp"
    full = stay & (class_ == b"IMP") & end.valid
    nights = np.clip(end.wall // DAY - start.wall // DAY, 0, _MOST)
    counts = np.zeros((len(_medians()), _MOST + 1))
    codes = block.text("reasonCode[0].coding[0].code")
    for rank, code in enumerate(_medians()):
        chosen = full & alive & (codes == code.encode())
        counts[rank] = np.bincount(nights[chosen], minlength=_MOST + 1)
    kinds = np.array([float((stay & (class_ == b"SS")).sum()), float((stay & (class_ == b"IMP")).sum())])
    return {
        "by diagnosis": counts,
        "kinds": kinds,
        "nights": float(nights[full].sum()),
        "full": int(full.sum()),
    }


def _judge(_hospital: Hospital, gathered: Sequence[Gathered], _readings: Readings) -> Judgement:
    kinds = total(gathered, "kinds")
    size = int(np.sum(kinds))
    if size < _ENOUGH:
        return Judgement(notes=(f"fewer than {_ENOUGH} stays",), applicable=False)
    without = proportion("sejours_sans_nuit")
    share_v = cramers_v(kinds, np.array([without, 1 - without]))
    mean = total(gathered, "nights") / max(1, total(gathered, "full"))
    counts = total(gathered, "by diagnosis")
    nights_d = kolmogorov_smirnov(counts.sum(axis=0), _law(counts))
    published = proportion("nuits_moyennes")
    numbers = {
        "stays": size,
        "share without a night": round(float(kinds[0] / size), 4),
        "V": round(share_v, 5),
        "mean nights of the others": round(mean, 3),
        "D of the nights": round(nights_d, 5),
    }
    limit_v, limit_d = max(CLOSEST, luck_of_v(size, 2)), max(CLOSEST, luck_of_d(counts.sum()))
    limit_mean = max(_MEAN_WITHIN, 4 / sqrt(max(1, total(gathered, "full"))))
    defects = []
    if share_v > limit_v:
        defects.append(
            Defect(NAME, "", "share without a night", f"V of at most {limit_v:.4f}", f"V = {share_v:.4f}")
        )
    if nights_d > limit_d:
        defects.append(
            Defect(NAME, "", "nights by diagnosis", f"D of at most {limit_d:.4f}", f"D = {nights_d:.4f}")
        )
    if abs(mean / published - 1) > limit_mean:
        expected = f"{published} nights, {limit_mean:.0%} more or less"
        defects.append(Defect(NAME, "", "mean nights", expected, f"{mean:.2f}"))
    return Judgement(tuple(defects), numbers)


def _law(counts: Floats) -> Floats:
    """Give the expected nights, the factor of the medians being the one that gives the observed mean."""
    of_diagnosis = counts.sum(axis=1)
    ranks = np.arange(_MOST + 1)
    wanted = float(counts.sum(axis=0) @ ranks / counts.sum())
    low, high = 0.2, 5.0
    law = np.zeros(_MOST + 1)
    for _ in range(40):
        factor = (low + high) / 2
        law = of_diagnosis @ np.array([_log_normal(median * factor) for median in _medians().values()])
        low, high = (factor, high) if law @ ranks / law.sum() < wanted else (low, factor)
    return law


def _log_normal(median: float) -> Floats:
    """Give the probability of 0 to 60 nights: a log-normal length rounded to whole nights, one at least."""
    edges = [-np.inf, -np.inf, *(log((night + 0.5) / median) / _SPREAD for night in range(1, _MOST)), np.inf]
    below = np.array([0.0 if edge == -np.inf else 0.5 * (1 + erf(edge / sqrt(2))) for edge in edges])
    return np.diff(below)


CHECK = Check(NAME, "lengths of stay follow their law", _judge, _gather, frozenset({"Encounter"}))
