"""SRV-SRC-09: the search parameters that every resource type has.

Spec: https://hl7.org/fhir/R4/search.html#all
"""

from typing import Any

from lab.api import SHOULD, Expect, FhirClient, Text, Truth, check
from lab.checks.criteria import date_matches, token_matches
from lab.checks.date_range import date_range
from lab.checks.element_values import texts, tokens
from lab.checks.pool import Pool, Wanted, compare, pools

NOBODYS = "https://lab.example.org/no-such"
TO_THE_SECOND = len("2023-01-31T10:00:00")

OF_THE_ANSWER = frozenset({"SUBSETTED", "REDACTED"})
"""Labels that a server puts on what it gives: they may be on nothing that it holds."""


@check(
    "SRV-SRC-09",
    expectation=SHOULD,
    requirements=("fhir-r4@search-id", "fhir-r4@search-all-types", "laboratory@common-parameters"),
    title=Text(fr="Paramètres communs à tous les types", en="Parameters common to all types"),
    failure=Text(
        fr="Un des paramètres _id, _lastUpdated, _tag, _profile et _security ne rend pas le bon ensemble.",
        en="One of the parameters _id, _lastUpdated, _tag, _profile and _security does not give the right "
        "set.",
    ),
    remedy=Text(
        fr="Chercher ces paramètres dans id et meta de chaque type ; un paramètre ignoré ne doit pas figurer "
        "dans le lien self.",
        en="Search these parameters in id and meta of every type; a parameter that is ignored must not stand "
        "in the self link.",
    ),
)
def common_parameters(fhir: FhirClient, truth: Truth, expect: Expect) -> None:
    """Ask each of them for a value that some resources have, or else for one that none has."""
    for pool in pools(fhir, truth, expect, "Patient", "Observation"):
        _ids(fhir, expect, pool)
        _updated(fhir, expect, pool)
        for name in ("tag", "security"):
            _label(fhir, expect, pool, name)
        _profile(fhir, expect, pool)


def _ids(fhir: FhirClient, expect: Expect, pool: Pool) -> None:
    id_ = str(pool.resources[0]["id"])
    compare(fhir, expect, pool, {"_id": id_}, lambda resource: resource["id"] == id_, "_id=[one id]")


def _updated(fhir: FhirClient, expect: Expect, pool: Pool) -> None:
    """Part the resources at the second in which the last of them was updated."""
    said = sorted(text for r in pool.resources for text in texts(r, "meta.lastUpdated") if date_range(text))
    if not said or date_range(said[-1]) is None:
        return
    latest = said[-1][:TO_THE_SECOND] + _zone(said[-1])
    for value in (f"ge{latest}", f"lt{latest}"):

        def wanted(resource: dict[str, Any], value: str = value) -> bool | None:
            if not texts(resource, "meta.lastUpdated"):
                return None
            return date_matches(resource, ("meta.lastUpdated",), value)

        _ask(fhir, expect, pool, "_lastUpdated", value, wanted)


def _zone(instant: str) -> str:
    return "Z" if instant.endswith("Z") else instant[-len("+01:00") :]


def _label(fhir: FhirClient, expect: Expect, pool: Pool, name: str) -> None:
    found = [pair for resource in pool.resources for pair in tokens(resource, f"meta.{name}")]
    held = [pair for pair in found if pair[0] and pair[1] not in OF_THE_ANSWER]
    system, code = held[0] if held else (NOBODYS, "none")

    def wanted(resource: dict[str, Any]) -> bool | None:
        return token_matches(resource, f"meta.{name}", system, code)

    _ask(fhir, expect, pool, f"_{name}", f"{system}|{code}", wanted)


def _profile(fhir: FhirClient, expect: Expect, pool: Pool) -> None:
    held = [url for resource in pool.resources for url in texts(resource, "meta.profile") if "|" not in url]
    url = held[0] if held else NOBODYS

    def wanted(resource: dict[str, Any]) -> bool | None:
        said = texts(resource, "meta.profile")
        return True if url in said else (None if any(one.startswith(url) for one in said) else False)

    _ask(fhir, expect, pool, "_profile", url, wanted)


def _ask(fhir: FhirClient, expect: Expect, pool: Pool, name: str, value: str, wanted: Wanted) -> None:
    compare(fhir, expect, pool, {name: value}, wanted, f"{name}={value}", refusable=True)
