"""SRV-SRC-05: date searches by every prefix, with dates, times with an offset and periods.

Spec: https://hl7.org/fhir/R4/search.html#date
"""

from dataclasses import dataclass
from datetime import UTC
from typing import Any

from lab.api import SHALL, Expect, FhirClient, Text, Truth, check
from lab.checks.criteria import all_of, date_matches
from lab.checks.date_range import date_range
from lab.checks.element_values import values
from lab.checks.pool import Pool, compare, pools

PARAMETERS = {
    "Patient": ("birthdate", ("birthDate",)),
    "Observation": ("date", ("effectiveDateTime", "effectiveInstant", "effectivePeriod", "effectiveTiming")),
    "Encounter": ("date", ("period",)),
}
PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
FOR_PERIODS = ("eq", "gt", "lt", "sa", "eb")
RARE = frozenset({"sa", "eb", "ap"})
OFFSET_CHANGE = ("ge2023-03-26T00:00:00+01:00", "lt2023-03-27T00:00:00+02:00")
"""The day of 23 hours in Paris: its two ends have not the same offset."""


@dataclass(frozen=True)
class _Dated:
    """The known resources of a type, the parameter that searches their dates, and one of those dates."""

    pool: Pool
    name: str
    paths: tuple[str, ...]
    value: str


@check(
    "SRV-SRC-05",
    expectation=SHALL,
    requirements=("fhir-r4@search-date", "fhir-r4@search-prefix"),
    title=Text(fr="Recherche d'une date", en="Date search"),
    failure=Text(
        fr="Un préfixe (eq, ne, gt, lt, ge, le, sa, eb, ap), une date partielle ou un décalage horaire ne "
        "rend pas le bon ensemble.",
        en="A prefix (eq, ne, gt, lt, ge, le, sa, eb, ap), a partial date or an offset does not give the "
        "right set.",
    ),
    remedy=Text(
        fr="Traiter toute date comme un intervalle, en temps universel dès qu'un décalage est donné, et "
        "comparer les intervalles selon le tableau des préfixes.",
        en="Treat every date as an interval, in universal time once an offset is given, and compare "
        "intervals as the table of prefixes says.",
    ),
)
def date_search(fhir: FhirClient, truth: Truth, expect: Expect) -> None:
    """Ask every prefix of one date of each type, then parts of it, another offset, and a day of 23 hours."""
    found = [one for pool in pools(fhir, truth, expect, *PARAMETERS) if (one := _dated(pool)) is not None]
    if not found:
        expect.skip(
            "Aucun paramètre de date déclaré n'a de valeur complète dans les ressources lues.",
            "No declared date parameter has a whole value in the resources read.",
        )
    for it in found:
        for prefix in FOR_PERIODS if it.pool.type == "Encounter" else PREFIXES:
            _ask(fhir, expect, it, f"{prefix}{it.value}", prefix=prefix)
        _ask(fhir, expect, it, it.value[:7])
        if it.pool.type == "Patient":
            _ask(fhir, expect, it, it.value[:4])
        if it.pool.type == "Observation" and "T" in it.value:
            _ask(fhir, expect, it, _universal(it.value))
        if "T" in it.value:
            _ask(fhir, expect, it, *OFFSET_CHANGE)


def _ask(fhir: FhirClient, expect: Expect, it: _Dated, *asked: str, prefix: str = "") -> None:
    def wanted(resource: dict[str, Any]) -> bool | None:
        return all_of(date_matches(resource, it.paths, value) for value in asked)

    words = f"{it.name}={' & '.join(asked)}"
    compare(fhir, expect, it.pool, {it.name: list(asked)}, wanted, words, refusable=prefix in RARE)


def _universal(value: str) -> str:
    """Return the same second written in universal time."""
    found = date_range(value)
    if found is None:
        raise ValueError(value)
    return found.low.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _dated(pool: Pool) -> _Dated | None:
    name, paths = PARAMETERS[pool.type]
    if not pool.declares(name, "date"):
        return None
    held = [value for r in pool.resources for path in paths for value in values(r, path)]
    starts = [value.get("start") if isinstance(value, dict) else value for value in held]
    whole = sorted(str(value) for value in starts if _is_whole(value))
    return _Dated(pool, name, paths, whole[len(whole) // 2]) if whole else None


def _is_whole(value: object) -> bool:
    """Tell whether a value is a day, or a second with its offset."""
    found = date_range(value) if isinstance(value, str) else None
    if found is None or not isinstance(value, str):
        return False
    return len(value) == len("2023-01-31") or (found.zoned and "." not in value)
