"""No child in an adult ward, no adult in a paediatric unit, no man in gynaecology (table structures.csv)."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from synthetic_data.tables import table
from synthetic_data.verification.blocks import Block
from synthetic_data.verification.checking import Check, found, judged_by_defects
from synthetic_data.verification.hospital import Hospital
from synthetic_data.verification.limits import Limits, limits

NAME = "wards"


@cache
def _limits() -> Limits:
    rows = [{**row, "reference": f"Organization/{row['id']}"} for row in table("structures")]
    return limits(rows, "reference")


def _gather(block: Block, hospital: Hospital) -> Mapping[str, Any]:
    patients = hospital.patients_of(block)
    ages = hospital.ages(patients, block.instants("period.start").seconds)
    unit = block.text("serviceProvider.reference")
    wrong_sex, wrong_age = _limits().exceeded(unit, hospital.patients.at("sex", patients, 0), ages)
    defects = found(NAME, block, wrong_age, "age in the unit", "the ages that structures.csv says", unit)
    defects += found(NAME, block, wrong_sex, "sex in the unit", "the sex that structures.csv says", unit)
    return {"defects": defects, "checked encounters": int((unit != b"").sum())}


CHECK = Check(
    NAME,
    "each unit takes patients of its ages and sex only",
    judged_by_defects,
    _gather,
    frozenset({"Encounter"}),
)
