"""The hospital: legal entity, sites, pôles, services, functional units (UF) and their places."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from synthetic_data.tables import admits, table
from synthetic_data.templates import template

Resource = dict[str, Any]
EMERGENCY_SITES = ("purpan", "rangueil")
_WARD = ("wa", "Ward")
_AREA = ("area", "Area")


@dataclass(frozen=True, slots=True)
class Unit:
    """A functional unit; `usage`: hospitalisation, ambulatoire, consultation, urgences..."""

    id: str
    name: str
    service: str
    site: str
    usage: str
    specialty: str
    location: str
    prefixes: tuple[str, ...]
    row: dict[str, str]

    def affinity(self, code: str, sex: str, age: int) -> int:
        """Rate how well the unit fits: length of the CIM-10 prefix, 0 for `*`, -1 when it cannot take it."""
        if not admits(self.row, sex, age):
            return -1
        lengths = [
            0 if prefix == "*" else len(prefix)
            for prefix in self.prefixes
            if prefix == "*" or code.startswith(prefix)
        ]
        return max(lengths, default=-1)


@cache
def units(*usages: str) -> tuple[Unit, ...]:
    """Give the units with one of these usages, in table order."""
    return tuple(
        Unit(
            id=row["id"],
            name=row["nom"],
            service=row["parent"],
            site=row["site"],
            usage=row["usage"],
            specialty=row["specialite"],
            location=row["lieu"],
            prefixes=tuple(row["cim10"].split()),
            row=row,
        )
        for row in table("structures")
        if row["type"] == "UF" and row["usage"] in usages
    )


@cache
def unit_for(usages: tuple[str, ...], code: str, sex: str, age: int) -> Unit:
    """Give the unit that best takes a CIM-10 code at this age; the first usage wins between equals."""
    return max(units(*usages), key=lambda unit: (unit.affinity(code, sex, age), unit.usage == usages[0]))


def emergency_unit(site: str) -> Unit:
    """Give the emergency unit of a site (purpan or rangueil)."""
    return next(unit for unit in units("urgences") if unit.site == site)


def organizations() -> Iterator[Resource]:
    """Give the Organization resources, parents first."""
    yield template("organization_legal").fill()
    for row in table("sites"):
        yield template("organization_site").fill(
            id=f"org-{row['site']}", finess=row["finess"], **_postal(row)
        )
    for row in table("structures"):
        shape = "organization_unit" if row["type"] == "UF" else "organization_inner"
        yield template(shape).fill(
            id=row["id"],
            number=row["id"].rpartition("-")[2],
            type=row["type"],
            name=row["nom"],
            parent=row["parent"],
        )


def locations() -> Iterator[Resource]:
    """Give the Location resources: sites, then the place of each unit."""
    for row in table("sites"):
        yield template("location_site").fill(
            id=f"loc-{row['site']}",
            organization=f"org-{row['site']}",
            longitude=float(row["longitude"]),
            latitude=float(row["latitude"]),
            **_postal(row),
        )
    for row in table("structures"):
        if row["type"] == "UF":
            physical, display = _WARD if row["usage"] == "hospitalisation" else _AREA
            yield template("location_unit").fill(
                id=row["lieu"],
                name=row["nom"],
                physical=physical,
                physical_display=display,
                organization=row["id"],
                site=f"loc-{row['site']}",
            )


def _postal(row: dict[str, str]) -> dict[str, str]:
    return {
        "name": row["nom"],
        "line": row["ligne"],
        "city": f"{row['ville']} {row['cedex']}",
        "postal_code": row["code_postal"],
    }
