"""A slow FHIR search over resources in memory, for the few searches of the answer key.

Written from the specification (https://hl7.org/fhir/R4/search.html), knows nothing of the generator. A date
without time is a day on the clock in Paris, in winter: the battery asks about winter months only.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from functools import cached_property
from typing import Any

Resource = dict[str, Any]
_WINTER = timezone(timedelta(hours=1))
_FOREVER = datetime.max.replace(tzinfo=_WINTER)


@dataclass(frozen=True, repr=False)
class NaiveServer:
    """Answers searches as they follow the base URL."""

    resources: list[Resource]

    @cached_property
    def by_reference(self) -> dict[str, Resource]:
        """Give the resources by `Type/id`."""
        return {f"{one['resourceType']}/{one['id']}": one for one in self.resources}

    def search(self, query: str) -> list[str]:
        """Give the ids of what matches all the parameters, in load order."""
        type_, _, parameters = query.partition("?")
        tests = [self._test(type_, *parameter.split("=", 1)) for parameter in parameters.split("&")]
        return [
            one["id"]
            for one in self.resources
            if one["resourceType"] == type_ and all(test(one) for test in tests)
        ]

    def _test(self, type_: str, name: str, value: str) -> Callable[[Resource], bool]:
        if name.startswith("_has:"):
            _, other, link, parameter = name.split(":")
            inner = self._test(other, parameter, value)
            linked = {
                one[{"patient": "subject"}[link]]["reference"]
                for one in self.resources
                if one["resourceType"] == other and inner(one)
            }
            return lambda one: f"{one['resourceType']}/{one['id']}" in linked
        if "." in name:
            link, _, parameter = name.partition(".")
            inner = self._test("Patient", parameter, value)
            assert link == "patient"
            return lambda one: inner(self.by_reference[one["subject"]["reference"]])
        return lambda one: _matches(one, type_, name, value)


def _matches(one: Resource, type_: str, name: str, value: str) -> bool:
    if name == "date":
        return _date(one, value[:2], date.fromisoformat(value[2:]))
    if name == "value-quantity":
        return _quantity(one.get("valueQuantity"), value)
    if name == "family:exact":
        return value in [each.get("family") for each in one["name"]]
    if name == "service-provider":
        return one["serviceProvider"]["reference"] == value
    if name == "deceased":
        return (("deceasedDateTime" in one) or one.get("deceasedBoolean", False)) == (value == "true")
    return any(_token(coding, value) for coding in _codings(one, type_, name))


def _codings(one: Resource, type_: str, name: str) -> Iterator[tuple[str | None, str]]:
    """Give (system, code) of what a token parameter looks at."""
    if name in ("gender", "status"):
        yield None, one[name]
    elif name == "identifier":
        for each in one["identifier"]:
            yield each["system"], each["value"]
    elif name in ("class", "modality", "_security"):
        found = {"class": one.get("class"), "modality": one.get("modality")}
        chosen = one.get("meta", {}).get("security", []) if name == "_security" else found[name]
        for each in chosen if isinstance(chosen, list) else [chosen]:
            yield each.get("system"), each["code"]
    elif name in ("code", "category"):
        chosen = one.get(name, [])
        for concept in chosen if isinstance(chosen, list) else [chosen]:
            for each in concept.get("coding", []):
                yield each.get("system"), each["code"]
    else:
        raise NotImplementedError(f"{type_}?{name}")


def _token(coding: tuple[str | None, str], value: str) -> bool:
    system, bar, code = value.rpartition("|")
    if not bar:
        return coding[1] == value
    return coding[0] == system and (not code or coding[1] == code)


def _quantity(quantity: Resource | None, value: str) -> bool:
    number, system, unit = value.split("|")
    assert number.startswith("gt")
    return (
        quantity is not None
        and quantity["value"] > float(number[2:])
        and (quantity["system"], quantity["code"]) == (system, unit)
    )


def _date(one: Resource, prefix: str, day: date) -> bool:
    """Compare the time of a resource with a day: `ge`, its end is not before; `lt`, its start is before."""
    start, end = _period(one)
    begin = datetime.combine(day, time(), _WINTER)
    return end >= begin if prefix == "ge" else {"lt": start < begin}[prefix]


def _period(one: Resource) -> tuple[datetime, datetime]:
    if "period" in one:
        end = one["period"].get("end")
        return datetime.fromisoformat(one["period"]["start"]), datetime.fromisoformat(
            end
        ) if end else _FOREVER
    instant = datetime.fromisoformat(one["effectiveDateTime"])
    return instant, instant
