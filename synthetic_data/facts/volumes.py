"""How many of each: the hospital's 2023 year in proportion to the number of patients, exact to the unit.

The six published counts of a smaller hospital are shared by largest remainder. Patients are taken in blocks;
a block receives the difference between two running totals, so the parts always sum to the whole.
"""

from functools import cache

from synthetic_data.tables import table

BLOCK = 2000
YEAR = {row["quantite"]: int(row["par_an"]) for row in table("volumes")}
CORE = ("sejours", "consultations", "irm", "scanner", "tep", "analyses")
"""The six counts that the hospital published."""


@cache
def totals(patients: int) -> dict[str, int]:
    """Give the exact number of each quantity for a hospital of that many patients.

    `CORE` counts: largest remainder of their sum; the others (volumes.csv): rounded, halves up.
    """
    whole = YEAR["patients"]
    exact = {name: divmod(YEAR[name] * patients, whole) for name in CORE}
    given = {name: quotient for name, (quotient, _) in exact.items()}
    sum_ = (2 * sum(YEAR[name] for name in CORE) * patients + whole) // (2 * whole)
    by_remainder = sorted(CORE, key=lambda name: -exact[name][1])
    for name in by_remainder[: sum_ - sum(given.values())]:
        given[name] += 1
    others = {name: (2 * count * patients + whole) // (2 * whole) for name, count in YEAR.items()}
    return others | given


def share(quantity: str, patients: int, block: int) -> int:
    """Give the part of a quantity that falls to one block."""
    total = totals(patients)[quantity]
    members = members_of(patients, block)
    return total * members.stop // patients - total * members.start // patients


def block_count(patients: int) -> int:
    """Give the number of blocks; only the last one may be short."""
    return -(-patients // BLOCK)


def members_of(patients: int, block: int) -> range:
    """Give the patient indexes of a block."""
    return range(block * BLOCK, min((block + 1) * BLOCK, patients))
