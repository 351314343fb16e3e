"""Search, evaluated on what the client sees: each sub-query is confined and checked for itself.

Spec: https://hl7.org/fhir/R4/search.html
"""

from collections.abc import Callable, Iterable
from typing import Any

from tests.mutants.vendors.sound.includes import Includes, Reach, references
from tests.mutants.vendors.sound.message import Json, Refused
from tests.mutants.vendors.sound.parameters import (
    MODIFIERS,
    PARAMETERS,
    check_value,
    matches,
    parameter,
    values,
)
from tests.mutants.vendors.sound.tokens import Caller

CONTROLS = frozenset(
    {
        *("_count", "_sort", "_total", "_summary", "_elements", "_include", "_revinclude", "_format"),
        *("_pretty", "_include:iterate", "_revinclude:iterate", "_page"),
    }
)
_MOST_VALUES, _MOST_LINKS = 500, 3
Test = Callable[[Json], bool]


class Search(Includes):
    """Turns parameters into tests, and answers with matches and what they include."""

    def __init__(self, reach: Reach) -> None:
        self.reach = reach

    def found(self, caller: Caller, type_: str, query: Iterable[tuple[str, str]], way: str) -> list[Json]:
        """Return the resources of a type in the view that match every parameter, by id."""
        tests = [self.test(caller, type_, name, value) for name, value in query if name not in CONTROLS]
        return [body for body in self.reach.view(caller, type_, way) if all(test(body) for test in tests)]

    def test(self, caller: Caller, type_: str, name: str, value: str) -> Test:
        """Return the test that one parameter is."""
        if value.count(",") >= _MOST_VALUES or name.count(".") > _MOST_LINKS:
            raise Refused(400, "too-costly", "This search is too much.")
        if name.startswith("_has:"):
            return self.has(caller, type_, name, value)
        head, dot, rest = name.partition(".")
        if dot:
            return self.chain(caller, type_, head, rest, value)
        plain, _, modifier = head.partition(":")
        known = parameter(type_, plain)
        self.reach.unmasked(caller, type_, known, value, modifier or "search")
        if known.kind == "reference" and modifier in known.targets:
            modifier = ""
        if modifier not in MODIFIERS[known.kind]:
            raise Refused(400, "invalid", "A modifier of this request is not known.")
        check_value(known, modifier, value)
        return lambda body: matches(body, known, modifier, value)

    def chain(self, caller: Caller, type_: str, head: str, rest: str, value: str) -> Test:
        """Return the test of a chained parameter."""
        name, _, target = head.partition(":")
        known = parameter(type_, name)
        self.reach.unmasked(caller, type_, known, value, "chain")
        if known.kind != "reference" or (target and target not in known.targets):
            raise Refused(400, "invalid", "A chain of this request leads nowhere.")
        types = (target,) if target else known.targets
        for one in types:
            self.reach.allowed(caller, one, "s", "chain")
        last = rest.partition(".")[0].partition(":")[0]
        inner = {t: self.test(caller, t, rest, value) for t in types if last in PARAMETERS[t]}
        if not inner:
            raise Refused(400, "invalid", "A parameter of this request is not known.")

        def meets(body: Json) -> bool:
            reached = [body_ for t, id_ in references(body, known) if (body_ := self.reach.held(t, id_))]
            return any(
                one["resourceType"] in inner
                and self.reach.sees(caller, one, "chain")
                and inner[one["resourceType"]](one)
                for one in reached
            )

        return meets

    def has(self, caller: Caller, type_: str, name: str, value: str) -> Test:
        """Return the test of a reverse chain."""
        parts = name.split(":", 3)
        if len(parts) != 4 or parts[1] not in PARAMETERS:
            raise Refused(400, "invalid", "A reverse chain of this request leads nowhere.")
        _, source, link, rest = parts
        self.reach.allowed(caller, source, "s", "has")
        known = parameter(source, link)
        self.reach.unmasked(caller, source, known, value, "has")
        inner = self.test(caller, source, rest, value)
        pointed = {
            pair
            for body in self.reach.view(caller, source, "has")
            if inner(body)
            for pair in references(body, known)
        }
        return lambda body: (type_, body["id"]) in pointed

    def sort_key(self, caller: Caller, type_: str, text: str) -> tuple[Callable[[Json], Any], bool]:
        """Return what resources are ordered by, and whether backwards."""
        descending = text.startswith("-")
        name = text.removeprefix("-")
        if not name:
            return (lambda _: ""), False
        known = parameter(type_, name)
        self.reach.unmasked(caller, type_, known, "", "sort")

        def key(body: Json) -> str:
            held = [str(v) for path in known.paths for v in values(body, path)]
            return min(held, default="")

        return key, descending
