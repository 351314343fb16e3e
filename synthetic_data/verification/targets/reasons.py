"""Why people come: diagnoses of planned stays and consultations (cim10.csv), motives of emergency visits."""

from collections.abc import Callable
from functools import partial

import numpy as np

from synthetic_data.tables import table
from synthetic_data.verification.blocks import Block
from synthetic_data.verification.distances import Floats
from synthetic_data.verification.hospital import Hospital
from synthetic_data.verification.keys import Flags
from synthetic_data.verification.target import Target

_CODE = "reasonCode[0].coding[0].code"
_BIRTHS = ("O60", "O80", "O82")


def _count(labels: tuple[bytes, ...], block: Block, chosen: Flags) -> Floats:
    codes, counts = np.unique(block.text(_CODE)[chosen], return_counts=True)
    found = dict(zip(codes.tolist(), counts.tolist(), strict=True))
    return np.array([float(found.get(label, 0)) for label in labels])


def _planned_stays(labels: tuple[bytes, ...], block: Block, _hospital: Hospital) -> Floats:
    """Count the stays that neither come from the emergency department nor are births."""
    class_ = block.text("class.code")
    stay = ((class_ == b"IMP") | (class_ == b"SS")) & (block.keys("partOf.reference").space < 0)
    planned = block.text("hospitalization.admitSource.coding[0].code") != b"emd"
    return _count(labels, block, stay & planned)


def _of_class(class_: bytes, labels: tuple[bytes, ...], block: Block, _hospital: Hospital) -> Floats:
    return _count(labels, block, block.text("class.code") == class_)


def _diagnoses(column: str) -> dict[str, float]:
    """Give the weights by code; births have a law of their own."""
    return {
        row["code"]: float(row[column])
        for row in table("cim10")
        if float(row[column]) and not (row["exige"] == "naissance" or row["code"].startswith(_BIRTHS))
    }


def _motives() -> dict[str, float]:
    weights: dict[str, float] = {}
    for row in table("motifs_urgences"):
        weights[row["code"]] = weights.get(row["code"], 0.0) + float(row["poids"])
    return weights


def _target(name: str, law: dict[str, float], observe: Callable[..., Floats], *first: bytes) -> Target:
    labels = tuple(code.encode() for code in law)
    weights = np.array(list(law.values()))
    count = partial(observe, *first, labels)
    return Target(name, "Encounter", tuple(law), count, lambda _hospital: weights)


TARGETS = (
    _target("diagnoses of planned stays", _diagnoses("poids_sejour"), _planned_stays),
    _target("diagnoses of consultations", _diagnoses("poids_consultation"), _of_class, b"AMB"),
    _target("motives of emergency visits", _motives(), _of_class, b"EMER"),
)
