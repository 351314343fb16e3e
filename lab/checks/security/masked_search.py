"""Search parameters that read a masked element, with a right value of it and a wrong one.

Spec: https://hl7.org/fhir/R4/patient.html#search
"""

import random
import re
from collections.abc import Iterator
from typing import Any

from lab.api import parse_path
from lab.checks.security.likeness import twin
from lab.checks.security.masked import Resource, values

_ELEMENTS: dict[str, dict[str, tuple[str, ...]]] = {
    "address": {
        "address": ("city", "line", "postalCode"),
        "address-city": ("city",),
        "address-postalcode": ("postalCode",),
    },
    "telecom": {"telecom": ("value",), "phone": ("value",), "email": ("value",)},
    "name": {"name": ("family", "given"), "family": ("family",), "given": ("given",)},
    "birthDate": {"birthdate": ()},
    "identifier": {"identifier": ("value",)},
    "period": {"date": ("start",)},
}
"""For an element, the parameters that read it, each with the members that give its values."""
_MEMBERS = ("code", "value", "reference", "start")
_DATE = re.compile(r"(\d{4})(-.*)?")
_OTHER = {"male": "female", "female": "male"}


def questions(resource: Resource, path: str) -> Iterator[tuple[str, str]]:
    """Yield (parameter, value) pairs that find the resource by what the path masks of it."""
    element = parse_path(path).elements[0]
    kebab = re.sub("[A-Z]", lambda letter: f"-{letter[0].lower()}", element)
    for name, members in _ELEMENTS.get(element, {kebab: _MEMBERS}).items():
        if value := _value(name, values(resource, [path]), members):
            yield name, value


def wrong(value: str, chance: random.Random) -> str:
    """Return another value that a server could not refuse for its form, of the same system if it has one."""
    if date := _DATE.fullmatch(value):
        return f"{int(date[1]) - 1:04d}{date[2] or ''}"
    system, bar, code = value.rpartition("|")
    return f"{system}{bar}{_OTHER.get(code) or twin(code, chance)}"


def _value(name: str, hidden: list[Any], members: tuple[str, ...]) -> str:
    for item in hidden:
        if isinstance(item, str):
            return item
        if not isinstance(item, dict) or (name in {"phone", "email"} and item.get("system") != name):
            continue
        said = next(iter(_items(item.get("coding"))), item)
        for member in members:
            for value in _items(said.get(member) if isinstance(said, dict) else None):
                if isinstance(value, str) and value:
                    system = item.get("system") if name == "identifier" else None
                    return f"{system}|{value}" if isinstance(system, str) else value
    return ""


def _items(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    return [] if value is None else [value]
