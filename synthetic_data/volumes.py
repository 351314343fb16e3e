"""How many of each: the hospital's 2023 year in proportion to the number of patients, exact to the unit.

Patients are taken in blocks of 100. A block receives the difference between two running totals, so the parts
always sum to the whole and a block keeps its share when the hospital grows.
"""

from collections.abc import Iterator

from synthetic_data.tables import table

BLOCK = 100
YEAR = {row["quantite"]: int(row["par_an"]) for row in table("volumes")}


def expected(quantity: str, patients: int) -> int:
    """Give the exact number of `quantity` for the first `patients` people, halves rounded up.

    `quantity`: sejours, consultations, urgences, urgences_24h, irm, scanner, tep, analyses (volumes.csv).
    """
    whole = YEAR["patients"]
    return (2 * YEAR[quantity] * patients + whole) // (2 * whole)


def share(quantity: str, block: range) -> int:
    """Give the part of `quantity` that falls to one block of patient indexes (counted from 0)."""
    return expected(quantity, block.stop) - expected(quantity, block.start)


def blocks(patients: int) -> Iterator[range]:
    """Cut the patient indexes 0..patients-1 into blocks; only the last one may be short."""
    for start in range(0, patients, BLOCK):
        yield range(start, min(start + BLOCK, patients))
