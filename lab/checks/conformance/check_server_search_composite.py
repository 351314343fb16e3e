"""SRV-SRC-11: composite parameters, whose parts must match in the same place.

Spec: https://hl7.org/fhir/R4/search.html#composite
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lab.api import MAY, Expect, FhirClient, Text, Truth, check
from lab.checks.criteria import any_of
from lab.checks.element_values import tokens
from lab.checks.pool import Pool, by_ids, compare, pools
from lab.checks.quantities import compared, number
from lab.checks.sample import match_ids
from lab.checks.statement import objects, part, statement

ON_RESULT, ON_COMPONENT = "code-value-quantity", "component-code-value-quantity"
PRESSURE = "http://loinc.org|85354-9"


@dataclass(frozen=True)
class _Pair:
    """A code and a value that stand together in a known result or component."""

    code: str
    value: str


@check(
    "SRV-SRC-11",
    expectation=MAY,
    requirements=("fhir-r4@search-composite",),
    title=Text(fr="Recherche composite", en="Composite search"),
    failure=Text(
        fr="Un paramètre composite trouve un code et une valeur qui ne sont pas au même endroit, ou en perd.",
        en="A composite parameter finds a code and a value that do not stand in the same place, or "
        "loses some.",
    ),
    remedy=Text(
        fr="Comparer le code et la valeur du même résultat, ou du même composant ; ne pas déclarer un "
        "paramètre composite qui n'est pas pris en charge.",
        en="Compare code and value of the same result, or of the same component; do not declare a composite "
        "parameter that is not supported.",
    ),
)
def composite_search(fhir: FhirClient, truth: Truth, expect: Expect) -> None:
    """Ask for a code with its own value, then with the value of another."""
    said = statement(fhir)
    known = said.types.get("Observation")
    declared = [n for n in (ON_RESULT, ON_COMPONENT) if known and known.parameters.get(n) == "composite"]
    expect.name(said.reply)
    if not declared:
        expect.omit(
            f"Le CapabilityStatement ne déclare ni {ON_RESULT} ni {ON_COMPONENT} sur Observation.",
            f"The CapabilityStatement declares neither {ON_RESULT} nor {ON_COMPONENT} on Observation.",
        )
    pool = pools(fhir, truth, expect, "Observation")[0]
    pressures = fhir.search("Observation", {"code": PRESSURE}, _count=10)
    more = by_ids(fhir, said, "Observation", match_ids(pressures, "Observation"))
    shown = [
        _compare(fhir, expect, some, name)
        for name in declared
        for some in (pool, *([more] if more and name == ON_COMPONENT else []))
    ]
    if not any(shown):
        expect.skip(
            "Aucune Observation lue n'a deux couples code et valeur à croiser.",
            "No Observation read has two pairs of code and value to cross.",
        )


def _compare(fhir: FhirClient, expect: Expect, pool: Pool, name: str) -> bool:
    """Ask for two pairs as they are, then crossed; False when there are no two to cross."""
    held = list(
        dict.fromkeys(pair for r in pool.resources for place in _places(r, name) for pair in _pairs(place))
    )
    one = held[0] if held else None
    other = next((p for p in held if one and p.code != one.code and p.value != one.value), None)
    if one is None or other is None:
        return False
    for pair in (one, other, _Pair(one.code, other.value), _Pair(other.code, one.value)):

        def wanted(resource: dict[str, Any], pair: _Pair = pair) -> bool | None:
            return any_of(_has(place, pair) for place in _places(resource, name))

        asked = f"{pair.code}${pair.value}"
        compare(fhir, expect, pool, {name: asked}, wanted, f"{name}={asked}")
    return True


def _places(resource: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [resource] if name == ON_RESULT else objects(resource.get("component"))


def _pairs(place: dict[str, Any]) -> Iterator[_Pair]:
    quantity = part(place, "valueQuantity")
    value = number(quantity.get("value"))
    if value is None or "comparator" in quantity:
        return
    for system, code in tokens(place, "code"):
        if system and not set(system + code) & set("|,$\\"):
            yield _Pair(f"{system}|{code}", str(value))


def _has(place: dict[str, Any], pair: _Pair) -> bool | None:
    if pair.code not in [f"{system}|{code}" for system, code in tokens(place, "code")]:
        return False
    quantity = part(place, "valueQuantity")
    held, asked = number(quantity.get("value")), number(float(pair.value))
    if held is None or asked is None:
        return False
    return None if "comparator" in quantity else compared("", asked, held)
