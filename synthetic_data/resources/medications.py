"""Medication resources: the medicines of the hospital, coded with the ATC (table medicaments.csv)."""

from collections.abc import Iterator

from synthetic_data.facts.formulary import MEDICINES
from synthetic_data.plan import HospitalPlan
from synthetic_data.resources.kind import Kind
from synthetic_data.templating.columns import Rows, texts


def rows(_plan: HospitalPlan) -> Iterator[Rows]:
    """Give the medicines, one for each form of a substance."""
    yield Rows(
        "medication",
        len(MEDICINES),
        {
            "id": texts(medication_id(row) for row in MEDICINES),
            "atc": texts(row["atc"] for row in MEDICINES),
            "substance": texts(row["dci"] for row in MEDICINES),
            "name": texts(medication_name(row) for row in MEDICINES),
            "form": texts(row["forme"] for row in MEDICINES),
        },
    )


def medication_id(row: dict[str, str]) -> str:
    """Give the id of a row of the table."""
    return f"med-{row['id'].lower()}"


def medication_name(row: dict[str, str]) -> str:
    """Name a medicine as people read it: substance, then form."""
    return f"{row['dci']}, {row['forme']}"


KIND = Kind("Medication", order=45, of_hospital=rows)
