"""SRV-SRC-05: date searches by every prefix, with dates, times with an offset and periods.

Spec: https://hl7.org/fhir/R4/search.html#date
"""

import re
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
_OFFSET = re.compile(r"(?<=T)(.+?)(Z|[+-]\d\d:\d\d)$")


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
    requirements=("fhir-r4@search-date", "fhir-r4@search-date-zone", "fhir-r4@search-prefix"),
    title=Text(fr="Recherche d'une date", en="Date search"),
    failure=Text(
        fr="Un préfixe (eq, ne, gt, lt, ge, le, sa, eb, ap) ou une date partielle ne rend pas le bon "
        "ensemble, ou les décalages horaires ne sont pas corrigés.",
        en="A prefix (eq, ne, gt, lt, ge, le, sa, eb, ap) or a partial date does not give the right set, or "
        "offsets are not corrected for.",
    ),
    remedy=Text(
        fr="Traiter toute date comme un intervalle, en temps universel dès qu'un décalage est donné, et "
        "comparer les intervalles selon le tableau des préfixes.",
        en="Treat every date as an interval, in universal time once an offset is given, and compare "
        "intervals as the table of prefixes says.",
    ),
)
def date_search(fhir: FhirClient, truth: Truth, expect: Expect) -> None:
    """Ask every prefix of one date of each type, then parts of it, another offset, and a day of 23 hours.

    R4 only recommends to correct for time zones: a set that depends on them is a remark when it is wrong.
    """
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
            _ask(fhir, expect, it, _universal(it.value), zones=True)
        if "T" in it.value:
            _ask(fhir, expect, it, *OFFSET_CHANGE, zones=True)


def _ask(
    fhir: FhirClient, expect: Expect, it: _Dated, *asked: str, prefix: str = "", zones: bool = False
) -> None:
    """Search a date; ``zones`` tells that the answer hangs on the offsets, which are left out otherwise."""

    def wanted(resource: dict[str, Any]) -> bool | None:
        right = all_of(date_matches(resource, it.paths, value) for value in asked)
        if zones:
            return right
        bare = {path: _without_offset(resource[path]) for path in it.paths if path in resource}
        by_clock = all_of(date_matches(bare, it.paths, _without_offset(value)) for value in asked)
        return right if right is by_clock else None

    words = f"{it.name}={' & '.join(asked)}"
    refusable = prefix in RARE
    compare(fhir, expect, it.pool, {it.name: list(asked)}, wanted, words, refusable=refusable, advised=zones)


def _without_offset(value: Any) -> Any:
    """Return a date, or the dates of a Period, as the clock on the wall told them."""
    if isinstance(value, dict):
        return {name: _without_offset(part) for name, part in value.items()}
    return _OFFSET.sub(r"\1", value) if isinstance(value, str) else value


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
