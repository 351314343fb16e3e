"""Organization resources: the legal entity, its sites, pôles, services and functional units (UF)."""

from collections.abc import Iterator

from synthetic_data.plan import HospitalPlan
from synthetic_data.resources.kind import Kind
from synthetic_data.resources.structures import postal, sites, structures, words
from synthetic_data.templating.columns import Rows, texts


def rows(_plan: HospitalPlan) -> Iterator[Rows]:
    """Give the organisations, parents first."""
    yield Rows("organization_legal", 1, {"id": texts(["org-chu"])})
    known = sites()
    yield Rows(
        "organization_site",
        len(known),
        {
            "id": texts(f"org-{row['site']}" for row in known),
            "finess": words(known, "finess"),
            **postal(known),
        },
    )
    for shape, types in (("organization_inner", ("POLE", "SERVICE")), ("organization_unit", ("UF",))):
        chosen = structures(*types)
        columns = {
            "id": words(chosen, "id"),
            "number": texts(row["id"].rpartition("-")[2] for row in chosen),
            "type": words(chosen, "type"),
            "name": words(chosen, "nom"),
            "parent": words(chosen, "parent"),
        }
        yield Rows(shape, len(chosen), columns)


KIND = Kind("Organization", order=10, of_hospital=rows)
