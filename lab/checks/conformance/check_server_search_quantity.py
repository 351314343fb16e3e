"""SRV-SRC-06: searches of numbers and quantities, with prefixes, implicit precision and units.

Specs: https://hl7.org/fhir/R4/search.html#number, https://hl7.org/fhir/R4/search.html#quantity
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from lab.api import SHALL, Expect, FhirClient, Text, Truth, check
from lab.checks.criteria import quantity_matches
from lab.checks.element_values import values
from lab.checks.pool import Pool, compare, pools
from lab.checks.quantities import NOBODYS_UNIT, number

NAME, PATH = "value-quantity", "valueQuantity"
PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
RARE = frozenset({"sa", "eb", "ap"})
UCUM = "http://unitsofmeasure.org"
_CODE = re.compile(r"[A-Za-z0-9.:/%*\[\]{}\-]+")


@dataclass(frozen=True)
class _Held:
    """The value and unit of a known result."""

    value: Decimal
    system: str
    code: str


@check(
    "SRV-SRC-06",
    expectation=SHALL,
    requirements=("fhir-r4@search-quantity", "fhir-r4@search-number", "fhir-r4@search-prefix"),
    title=Text(fr="Recherche d'un nombre ou d'une quantité", en="Number and quantity search"),
    failure=Text(
        fr="Un préfixe, la précision implicite ou l'unité d'une quantité ne rend pas le bon ensemble.",
        en="A prefix, the implicit precision or the unit of a quantity does not give the right set.",
    ),
    remedy=Text(
        fr="Sans préfixe, chercher à une demi-unité près du dernier chiffre donné ; avec un préfixe, "
        "comparer exactement ; nombre|système|code ne rend que cette unité.",
        en="Without a prefix, search within half a unit of the last digit given; with a prefix, compare "
        "exactly; number|system|code gives that unit only.",
    ),
)
def quantity_search(fhir: FhirClient, truth: Truth, expect: Expect) -> None:
    """Ask every prefix of one result's value, fewer digits of it, its unit, and a unit that nobody has."""
    pool = pools(fhir, truth, expect, "Observation")[0]
    if not pool.declares(NAME, "quantity"):
        expect.omit(
            f"Le CapabilityStatement ne déclare pas {NAME} sur Observation.",
            f"The CapabilityStatement does not declare {NAME} on Observation.",
        )
    held = _held(pool)
    if held is None:
        expect.skip(
            "Aucune Observation lue n'a de valeur numérique avec une unité codée.",
            "No Observation read has a numeric value with a coded unit.",
        )
    for prefix in ("", *PREFIXES):
        _ask(fhir, expect, pool, f"{prefix}{held.value}")
    _ask(fhir, expect, pool, str(held.value.to_integral_value()))
    _ask(fhir, expect, pool, f"{held.value}|{held.system}|{held.code}")
    _ask(fhir, expect, pool, f"{held.value}||{held.code}")
    _ask(fhir, expect, pool, f"{held.value}|{UCUM}|{NOBODYS_UNIT}")


def _ask(fhir: FhirClient, expect: Expect, pool: Pool, asked: str) -> None:
    def wanted(resource: dict[str, Any]) -> bool | None:
        return quantity_matches(resource, PATH, asked)

    refusable = asked[:2] in RARE
    compare(fhir, expect, pool, {NAME: asked}, wanted, f"{NAME}={asked}", refusable=refusable)


def _held(pool: Pool) -> _Held | None:
    """Return a value with decimals where there is one: it shows more of the precision."""
    found = []
    for resource in pool.resources:
        for quantity in values(resource, PATH):
            value = number(quantity.get("value")) if isinstance(quantity, dict) else None
            if value is None or "comparator" in quantity or abs(value) > Decimal(10**6):
                continue
            system, code = quantity.get("system"), quantity.get("code")
            if isinstance(system, str) and isinstance(code, str) and _CODE.fullmatch(code):
                found.append(_Held(value, system, code))
    decimals = [one for one in found if one.value != one.value.to_integral_value()]
    return next(iter([*decimals, *found]), None)
