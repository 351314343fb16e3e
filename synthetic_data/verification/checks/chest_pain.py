"""Troponin (LOINC 67151-1) is measured in people who come for chest pain, and rarely in the others."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from synthetic_data.verification.blocks import Block
from synthetic_data.verification.checking import Check, Defect, Gathered, Judgement, Readings
from synthetic_data.verification.hospital import Hospital
from synthetic_data.verification.journeys import EMERGENCY
from synthetic_data.verification.keys import Ints

NAME = "chest_pain"
_MOTIVE = b"DOULEUR-THORACIQUE"
_TROPONIN = b"67151-1"
_LEAST = 0.3  # share of the visits for chest pain with a blood test that have troponin
_TIMES = 3  # how many times as often as in other visits
_ENOUGH = 30


def _gather(block: Block, hospital: Hospital) -> Mapping[str, Any] | None:
    if block.type == "Encounter":
        pain = np.any(
            [block.text(path) == _MOTIVE for path in block.ranks("reasonCode", "coding[0].code")]
            or [np.zeros(len(block), bool)],
            axis=0,
        )
        return {"pain": block.keys("id").at(pain)}
    encounters = hospital.encounters_of(block)
    emergency = hospital.encounters.at("kind", encounters, 0) == EMERGENCY
    troponin = emergency & (block.text("code.coding[0].code") == _TROPONIN)
    return {"tested": np.unique(encounters[emergency]), "troponin": np.unique(encounters[troponin])}


def _rows(gathered: Sequence[Gathered], name: str) -> Ints:
    parts = [part.values[name] for part in gathered if name in part.values]
    return np.unique(np.concatenate(parts)) if parts else np.empty(0, np.int64)


def _judge(hospital: Hospital, gathered: Sequence[Gathered], _readings: Readings) -> Judgement:
    pains = [hospital.encounters.rows(part.values["pain"]) for part in gathered if "pain" in part.values]
    pain = np.concatenate(pains) if pains else np.empty(0, np.int64)
    tested, troponin = _rows(gathered, "tested"), _rows(gathered, "troponin")
    of_pain, of_others = np.intersect1d(tested, pain), np.setdiff1d(tested, pain)
    if min(len(of_pain), len(of_others)) < _ENOUGH:
        return Judgement(
            notes=(f"fewer than {_ENOUGH} visits with a blood test on a side",), applicable=False
        )
    rates = [len(np.intersect1d(visits, troponin)) / len(visits) for visits in (of_pain, of_others)]
    numbers = {
        "tested visits for chest pain": len(of_pain),
        "share with troponin": round(rates[0], 3),
        "share in other visits": round(rates[1], 3),
    }
    wrong = rates[0] < _LEAST or rates[0] < _TIMES * rates[1]
    expected = f"in {_LEAST:.0%} of the tested visits for chest pain, {_TIMES} times as often as in others"
    seen = f"{rates[0]:.1%} of them, {rates[1]:.1%} of the others"
    return Judgement((Defect(NAME, "", "troponin in chest pain", expected, seen),) if wrong else (), numbers)


CHECK = Check(
    NAME, "troponin is measured in chest pain", _judge, _gather, frozenset({"Encounter", "Observation"})
)
