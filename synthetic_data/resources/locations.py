"""Location resources: sites, then the place of each functional unit."""

from collections.abc import Iterator

from synthetic_data.plan import HospitalPlan
from synthetic_data.resources.kind import Kind
from synthetic_data.resources.structures import postal, sites, structures, words
from synthetic_data.templating.columns import Rows, json_values, texts

_WARD = ("wa", "Ward")
_AREA = ("area", "Area")


def rows(_plan: HospitalPlan) -> Iterator[Rows]:
    """Give the locations, sites first."""
    known = sites()
    yield Rows(
        "location_site",
        len(known),
        {
            "id": texts(f"loc-{row['site']}" for row in known),
            "organization": texts(f"org-{row['site']}" for row in known),
            "longitude": json_values(float(row["longitude"]) for row in known),
            "latitude": json_values(float(row["latitude"]) for row in known),
            **postal(known),
        },
    )
    units = structures("UF")
    physical = [_WARD if row["usage"] == "hospitalisation" else _AREA for row in units]
    yield Rows(
        "location_unit",
        len(units),
        {
            "id": words(units, "lieu"),
            "name": words(units, "nom"),
            "physical": texts(code for code, _ in physical),
            "physical_display": texts(display for _, display in physical),
            "organization": words(units, "id"),
            "site": texts(f"loc-{row['site']}" for row in units),
        },
    )


KIND = Kind("Location", order=20, of_hospital=rows)
