"""Search criteria drawn at random from values that known resources have.

Spec: https://hl7.org/fhir/R4/search.html#ptypes
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lab.api import FhirClient
from lab.checks import criteria
from lab.checks.date_range import date_range
from lab.checks.element_values import texts, tokens, values
from lab.checks.folding import is_plain
from lab.checks.pool import Pool, Wanted
from lab.checks.quantities import number
from lab.checks.referring import referred

_ORDERS = ("", "eq", "ne", "gt", "lt", "ge", "le")


@dataclass(frozen=True)
class Criterion:
    """A parameter with a value, and whether a resource meets it."""

    name: str
    value: str
    wanted: Wanted


@dataclass(frozen=True)
class Source:
    """A search parameter: its type for FHIR, and the element of a resource that it reads."""

    type: str
    name: str
    kind: str
    path: str


SOURCES = (
    Source("Patient", "identifier", "token", "identifier"),
    Source("Patient", "family", "string", "name.family"),
    Source("Patient", "given", "string", "name.given"),
    Source("Patient", "gender", "token", "gender"),
    Source("Patient", "birthdate", "date", "birthDate"),
    Source("Patient", "organization", "reference", "managingOrganization"),
    Source("Observation", "code", "token", "code"),
    Source("Observation", "category", "token", "category"),
    Source("Observation", "status", "token", "status"),
    Source("Observation", "date", "date", "effectiveDateTime"),
    Source("Observation", "value-quantity", "quantity", "valueQuantity"),
    Source("Observation", "patient", "reference", "subject"),
    Source("Encounter", "class", "token", "class"),
    Source("Encounter", "type", "token", "type"),
    Source("Encounter", "status", "token", "status"),
    Source("Encounter", "date", "date", "period"),
    Source("Encounter", "patient", "reference", "subject"),
)


def sources(pool: Pool) -> list[Source]:
    """Return the declared parameters of the type of a pool that some of its resources have a value for."""
    return [
        one
        for one in SOURCES
        if one.type == pool.type
        and pool.declares(one.name, one.kind)
        and any(values(resource, one.path) for resource in pool.resources)
    ]


def drawn(fhir: FhirClient, pool: Pool, source: Source, dice: random.Random) -> Criterion | None:
    """Return a criterion on a value of a resource that is drawn; None when its value cannot be searched."""
    resource = dice.choice(pool.resources)
    return _KINDS[source.kind](fhir, resource, source, dice)


def _token(_: FhirClient, resource: dict[str, Any], source: Source, dice: random.Random) -> Criterion | None:
    codes = [text for text in texts(resource, source.path) if text.isascii() and not set(text) & set("|,$\\")]
    if codes:
        code = dice.choice(codes)
        return Criterion(source.name, code, lambda other: criteria.code_matches(other, source.path, code))
    held = [
        pair for pair in tokens(resource, source.path) if pair[0] and not set("".join(pair)) & set("|,$\\ ")
    ]
    if not held:
        return None
    system, code = dice.choice(held)
    value, asked = dice.choice(
        (
            (code, (None, code)),
            (f"{system}|{code}", (system, code)),
            (f"{system}|", (system, None)),
        )
    )
    return Criterion(source.name, value, lambda other: criteria.token_matches(other, source.path, *asked))


def _string(_: FhirClient, resource: dict[str, Any], source: Source, dice: random.Random) -> Criterion | None:
    held = [text for text in texts(resource, source.path) if is_plain(text)]
    if not held:
        return None
    text = dice.choice(held)
    start = text[: dice.randint(1, len(text))]
    value = dice.choice((start, start.upper(), start.lower()))
    return Criterion(source.name, value, lambda other: criteria.string_matches(other, source.path, value))


def _date(_: FhirClient, resource: dict[str, Any], source: Source, dice: random.Random) -> Criterion | None:
    held = values(resource, source.path)
    starts = [value.get("start") if isinstance(value, dict) else value for value in held]
    whole = [value for value in starts if isinstance(value, str) and date_range(value) and "." not in value]
    if not whole:
        return None
    value = dice.choice(whole)
    value = dice.choice(_ORDERS) + dice.choice((value, value[:10], value[:7], value[:4]))
    return Criterion(source.name, value, lambda other: criteria.date_matches(other, (source.path,), value))


def _quantity(
    _: FhirClient, resource: dict[str, Any], source: Source, dice: random.Random
) -> Criterion | None:
    held = [number(value.get("value")) for value in values(resource, source.path) if isinstance(value, dict)]
    usual = [value for value in held if value is not None and abs(value) < 10**6]
    if not usual:
        return None
    value = f"{dice.choice(_ORDERS)}{dice.choice(usual)}"
    return Criterion(source.name, value, lambda other: criteria.quantity_matches(other, source.path, value))


def _reference(
    fhir: FhirClient, resource: dict[str, Any], source: Source, dice: random.Random
) -> Criterion | None:
    held = referred(fhir, resource, source.path)
    if not held:
        return None
    chosen = dice.choice(held)
    return Criterion(
        source.name, "/".join(chosen), lambda other: chosen in referred(fhir, other, source.path)
    )


_KINDS: dict[str, Callable[[FhirClient, dict[str, Any], Source, random.Random], Criterion | None]] = {
    "token": _token,
    "string": _string,
    "date": _date,
    "quantity": _quantity,
    "reference": _reference,
}
