"""A hospital of 600 patients, generated once, and how the tests of clinical kinds read it."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any

from synthetic_data import HospitalPlan, generate

Resource = dict[str, Any]
PLAN = HospitalPlan(patients=600)


@cache
def resources() -> tuple[Resource, ...]:
    return tuple(generate(PLAN))


@cache
def by_reference() -> dict[str, Resource]:
    return {f"{one['resourceType']}/{one['id']}": one for one in resources()}


@cache
def named(prefix: str) -> tuple[Resource, ...]:
    """Give the resources whose id starts with a prefix (`spec`), in load order."""
    return tuple(one for one in resources() if one["id"].startswith(f"{prefix}-"))


def target(reference: Resource) -> Resource:
    return by_reference()[reference["reference"]]


def encounter(resource: Resource) -> Resource:
    return target(resource["encounter"])


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "reference" and isinstance(value, str):
                yield value
            else:
                yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def bounds(visited: Resource) -> tuple[datetime, datetime]:
    """Give the period of an encounter, until `now` when it is in progress."""
    period = visited["period"]
    return instant(period["start"]), instant(period["end"]) if "end" in period else PLAN.now


def diagnosis(resource: Resource) -> str:
    code: str = resource["reasonCode"][0]["coding"][0]["code"]
    return code


def loinc(resource: Resource) -> str:
    code: str = resource["code"]["coding"][0]["code"]
    return code
