"""SRV-SRC-08: several values and several parameters in one search, and the modifiers :missing and :not.

Specs: https://hl7.org/fhir/R4/search.html#combining, https://hl7.org/fhir/R4/search.html#modifiers
"""

from collections.abc import Mapping
from typing import Any

from lab.api import SHALL, Expect, FhirClient, Text, Truth, check
from lab.checks.criteria import all_of, any_of
from lab.checks.element_values import is_absent, texts, tokens, values
from lab.checks.pool import Pool, Wanted, compare, pools

TOKENS = {"Patient": ("identifier", "gender"), "Observation": ("code",), "Encounter": ("class", "status")}
OPTIONAL = {
    "Patient": (("general-practitioner", "generalPractitioner"), ("organization", "managingOrganization")),
    "Observation": (("encounter", "encounter"), ("specimen", "specimen")),
    "Encounter": (("service-provider", "serviceProvider"),),
}
NEGATED = {
    "Patient": (("gender", "gender"),),
    "Observation": (
        ("value-concept", "valueCodeableConcept"),
        ("method", "method"),
        ("category", "category"),
        ("status", "status"),
    ),
    "Encounter": (("type", "type"), ("reason-code", "reasonCode"), ("status", "status")),
}
"""Token parameters of elements that a resource may have or not; where none has, of one that all have."""
NOBODYS = "lab-no-such-value"


@check(
    "SRV-SRC-08",
    expectation=SHALL,
    requirements=(
        "fhir-r4@search-combining",
        "fhir-r4@search-escape",
        "fhir-r4@search-missing",
        "fhir-r4@search-not",
    ),
    title=Text(fr="Combinaison de paramètres", en="Combining parameters"),
    failure=Text(
        fr="Plusieurs valeurs (virgule, répétition, virgule protégée) ou :missing ou :not ne rendent pas le "
        "bon ensemble.",
        en="Several values (comma, repetition, escaped comma), or :missing or :not, do not give the right "
        "set.",
    ),
    remedy=Text(
        fr="Lire a,b comme « ou », la répétition du paramètre comme « et », \\, comme une virgule de la "
        "valeur. Refuser par 400 un modificateur qui n'est pas pris en charge.",
        en="Read a,b as 'or', the repetition of the parameter as 'and', \\, as a comma within the value. "
        "Refuse a modifier that is not supported with 400.",
    ),
)
def combined_search(fhir: FhirClient, truth: Truth, expect: Expect) -> None:
    """Join values by comma and by repetition; escape a comma; then, where supported, :missing and :not."""
    known = pools(fhir, truth, expect, *TOKENS)
    joined = [any(_joined(fhir, expect, pool, name) for name in TOKENS[pool.type]) for pool in known]
    for pool in known:
        _missing(fhir, expect, pool)
    absent = [_negated(fhir, expect, pool) for pool in known]
    if not any(absent):
        expect.covered(
            "Non montré : :not sur des ressources sans l'élément (aucune connue, ou :not refusé).",
            "Not shown: :not on resources without the element (none is known, or :not is refused).",
        )
    if not any(joined):
        expect.skip(
            "Aucun paramètre token déclaré n'a deux valeurs différentes dans les ressources lues.",
            "No declared token parameter has two different values in the resources read.",
        )


def _joined(fhir: FhirClient, expect: Expect, pool: Pool, name: str) -> bool:
    """Ask for one value or another, for both at once, and for a value that contains a comma.

    These parameters have the name of their element.
    """
    held = list(dict.fromkeys(pair for r in pool.resources for pair in _coded(r, name) if _is_plain(pair)))
    if len(held) < 2 or not pool.declares(name, "token"):
        return False
    one, other = held[0], held[-1]
    first, second = (f"{system}|{code}" if system else code for system, code in (one, other))

    def either(resource: dict[str, Any]) -> bool | None:
        return any_of(_has(resource, name, pair) for pair in (one, other))

    def both(resource: dict[str, Any]) -> bool | None:
        return all_of(_has(resource, name, pair) for pair in (one, other))

    asked: tuple[tuple[str, Mapping[str, object], Wanted], ...] = (
        ("a,b", {name: f"{first},{second}"}, either),
        ("a & b", {name: [first, second]}, both),
        (r"[unknown]\,b", {name: f"{NOBODYS}\\,{other[1]}"}, lambda _: False),
    )
    for form, parameters, wanted in asked:
        compare(fhir, expect, pool, parameters, wanted, f"{name}={form}")
    return True


def _coded(resource: dict[str, Any], path: str) -> list[tuple[str, str]]:
    """Return the tokens of an element; a code has no system of its own."""
    return tokens(resource, path) or [("", code) for code in texts(resource, path)]


def _has(resource: dict[str, Any], path: str, pair: tuple[str, str]) -> bool | None:
    """Tell whether an element holds a token; None where only letter case differs."""
    held = _coded(resource, path)
    if pair in held:
        return True
    return None if pair[1].casefold() in {code.casefold() for _, code in held} else False


def _missing(fhir: FhirClient, expect: Expect, pool: Pool) -> None:
    """Ask for the absence and the presence of an element that some of the resources have, others not."""
    for name, path in OPTIONAL[pool.type]:
        here = [bool(values(resource, path)) for resource in pool.resources]
        if name not in pool.known.parameters or len(set(here)) == 1:
            continue
        for value, present in (("true", False), ("false", True)):

            def wanted(resource: dict[str, Any], path: str = path, *, present: bool = present) -> bool | None:
                raw = resource.get(path)
                hidden = resource["id"] in pool.cut and not raw
                if hidden or is_absent(raw) or f"_{path}" in resource:
                    return None
                return bool(raw) is present

            words = f"{name}:missing={value}"
            compare(fhir, expect, pool, {f"{name}:missing": value}, wanted, words, refusable=True)
        return


def _negated(fhir: FhirClient, expect: Expect, pool: Pool) -> bool:
    """Ask for every token but one, and tell whether that was to find resources without the element.

    They have no matching item. What is masked, said to be absent or only described is judged by nobody.
    """
    found = [
        (name, path, pair)
        for name, path in NEGATED[pool.type]
        if pool.declares(name, "token") and (pair := _first(pool, path)) is not None
    ]
    if not found:
        return False
    lacking = [one for one in found if any(_lacks(pool, resource, one[1]) for resource in pool.resources)]
    name, path, pair = (lacking or found[-1:])[0]

    def wanted(resource: dict[str, Any]) -> bool | None:
        if not _coded(resource, path):
            return _lacks(pool, resource, path) or None
        held = _has(resource, path, pair)
        return None if held is None else not held

    asked = "|".join(filter(None, pair))
    words = f"{name}:not={asked}"
    supported = compare(fhir, expect, pool, {f"{name}:not": asked}, wanted, words, refusable=True)
    return supported and bool(lacking)


def _first(pool: Pool, path: str) -> tuple[str, str] | None:
    """Return a token that a resource of the pool has at a path."""
    held = (pair for resource in pool.resources for pair in _coded(resource, path) if _is_plain(pair))
    return next(held, None)


def _lacks(pool: Pool, resource: dict[str, Any], path: str) -> bool:
    """Tell whether a resource proves that it does not have an element at all."""
    return path not in resource and f"_{path}" not in resource and resource["id"] not in pool.cut


def _is_plain(pair: tuple[str, str]) -> bool:
    return bool(pair[1]) and not set("".join(pair)) & set("|,$\\ ")
