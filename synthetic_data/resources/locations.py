"""Location resources: sites, their buildings, then the place of each functional unit."""

from collections.abc import Iterator

from synthetic_data.plan import HospitalPlan
from synthetic_data.resources.kind import Kind
from synthetic_data.resources.structures import postal, sites, structures, words
from synthetic_data.tables import table
from synthetic_data.templating.columns import Rows, json_values, texts

_WARD = ("wa", "Ward")
_AREA = ("area", "Area")


def rows(_plan: HospitalPlan) -> Iterator[Rows]:
    """Give the locations, each after the one it is part of."""
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
    buildings = table("batiments")
    yield Rows(
        "location_building",
        len(buildings),
        {
            "id": words(buildings, "batiment"),
            "name": words(buildings, "nom"),
            "site": words(buildings, "site"),
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
            "building": texts(building_of(row) for row in units),
        },
    )


def building_of(unit: dict[str, str]) -> str:
    """Give the building of a unit: that of its site which houses its pôle; ValueError when there is none."""
    service = next(row for row in table("structures") if row["id"] == unit["parent"])
    for building in table("batiments"):
        if building["site"] == unit["site"] and service["parent"] in building["poles"].split():
            return building["batiment"]
    raise ValueError(f"batiments.csv: no building of {unit['site']} for {service['parent']}: add one")


KIND = Kind("Location", order=20, of_hospital=rows)
