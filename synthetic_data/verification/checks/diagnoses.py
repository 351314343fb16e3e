"""No diagnosis is given to somebody of another sex or age than it can have (table cim10.csv)."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import numpy as np

from synthetic_data.tables import table
from synthetic_data.verification.blocks import Block
from synthetic_data.verification.checking import Check, Defect, found, judged_by_defects
from synthetic_data.verification.hospital import Hospital
from synthetic_data.verification.instants import ABSENT
from synthetic_data.verification.keys import Ints
from synthetic_data.verification.limits import Limits, limits
from synthetic_data.verification.people import FEMALE

NAME = "diagnoses"
_ICD = b"http://hl7.org/fhir/sid/icd-10"
_PROSTATE_CANCER = b"C61"


@cache
def _limits() -> Limits:
    return limits(table("cim10"), "code")


def _gather(block: Block, hospital: Hospital) -> Mapping[str, Any]:
    """Look at every coded diagnosis, at the age of the start of the encounter, else of the present."""
    patients = hospital.patients_of(block)
    ages = hospital.ages(patients, _when(block, hospital))
    sex = hospital.patients.at("sex", patients, 0)
    defects: list[Defect] = []
    count = 0
    for path in ("code.coding", *_reasons(block)):
        for system in block.ranks(path, "system"):
            icd = block.text(system) == _ICD
            codes = np.where(icd, block.text(system.removesuffix("system") + "code"), b"")
            count += int(icd.sum())
            defects += _outside(block, codes, sex, ages)
    return {"defects": defects, "checked diagnoses": count}


def _reasons(block: Block) -> list[str]:
    return [path.removesuffix("[0].code") for path in block.ranks("reasonCode", "coding[0].code")]


def _when(block: Block, hospital: Hospital) -> Ints:
    own = block.instants("period.start").seconds
    of_encounter = hospital.encounters.at("start", hospital.encounters_of(block), ABSENT)
    when = np.where(own != ABSENT, own, of_encounter)
    return np.where(when != ABSENT, when, hospital.now)


def _outside(block: Block, codes: Any, sex: Ints, ages: tuple[Ints, Ints]) -> Iterator[Defect]:
    wrong_sex, wrong_age = _limits().exceeded(codes, sex, ages)
    yield from found(
        NAME, block, wrong_sex, "diagnosis of the other sex", "the sex that cim10.csv says", codes
    )
    yield from found(NAME, block, wrong_age, "diagnosis at this age", "the ages that cim10.csv says", codes)
    prostate = (codes == _PROSTATE_CANCER) & (sex == FEMALE)
    yield from found(NAME, block, prostate, "prostate cancer in a woman", "men only", codes)


CHECK = Check(
    NAME,
    "no diagnosis outside the sex and age limits of its code",
    judged_by_defects,
    _gather,
    frozenset({"Condition", "Encounter", "ImagingStudy"}),
)
