"""The tables of sites and structures as columns, for the resources that describe the hospital itself."""

from collections.abc import Sequence

from synthetic_data.tables import table
from synthetic_data.templating.columns import Plain, texts

Row = dict[str, str]


def sites() -> Sequence[Row]:
    """Give the rows of the sites."""
    return table("sites")


def structures(*types: str) -> Sequence[Row]:
    """Give the rows of the structures of some types: POLE, SERVICE, UF."""
    return [row for row in table("structures") if row["type"] in types]


def words(rows: Sequence[Row], column: str) -> Plain:
    """Make a column of one cell of each row, missing when it is empty."""
    return texts(row[column] or None for row in rows)


def postal(rows: Sequence[Row]) -> dict[str, Plain]:
    """Give the columns of a postal address."""
    return {
        "name": words(rows, "nom"),
        "line": words(rows, "ligne"),
        "city": texts(f"{row['ville']} {row['cedex']}" for row in rows),
        "postal_code": words(rows, "code_postal"),
    }
