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
CODES = {"Patient": ("gender", "gender"), "Observation": ("status", "status")}
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
        _negated(fhir, expect, pool)
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


def _negated(fhir: FhirClient, expect: Expect, pool: Pool) -> None:
    """Ask for every code but one; those without the element are judged by nobody."""
    name, path = CODES.get(pool.type, ("", ""))
    if not pool.declares(name, "token"):
        return
    code = next((code for resource in pool.resources for code in texts(resource, path)), None)
    if code is None:
        return

    def wanted(resource: dict[str, Any]) -> bool | None:
        held = texts(resource, path)
        return held[0] != code if held else None

    compare(fhir, expect, pool, {f"{name}:not": code}, wanted, f"{name}:not={code}", refusable=True)


def _is_plain(pair: tuple[str, str]) -> bool:
    return bool(pair[1]) and not set("".join(pair)) & set("|,$\\ ")
