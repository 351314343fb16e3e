"""What the manifest grants to the application as a client: scopes, types, Groups and masks of its Permission.

Spec: https://hl7.org/fhir/R5/permission.html
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lab.api import Expect, Truth, parse_scopes
from lab.checks.statement import objects, part

_LIMIT = "permission-rule-limit"


@dataclass(frozen=True)
class GrantTerms:
    """``cohorts`` maps each type of the Permission to the Groups that confine it, none for the whole type."""

    rights: frozenset[tuple[str, str]]
    cohorts: Mapping[str, tuple[str, ...]]
    masked: tuple[str, ...]

    @property
    def readable(self) -> tuple[str, ...]:
        """Return the types that both the scopes and the Permission let the application search."""
        return tuple(t for t in self.cohorts if (t, "s") in self.rights or ("*", "s") in self.rights)


def grant_terms(truth: Truth, expect: Expect) -> GrantTerms:
    """Return the terms of the grant; skips when nothing in it can be searched."""
    client = truth.subject.client
    if client is None:
        expect.omit("L'application n'est pas cliente.", "The application is no client.")
    cohorts: dict[str, tuple[str, ...]] = {}
    masked: dict[str, None] = {}
    for rule in objects(client.permission.get("rule")):
        for data in objects(rule.get("data")):
            type_ = part(data, "expression").get("expression")
            if isinstance(type_, str):
                groups = tuple(sorted(_groups(data)))
                # A rule that names no Group opens the whole type, whatever another rule says.
                open_already = cohorts.get(type_) == ()
                cohorts[type_] = () if open_already or not groups else (*cohorts.get(type_, ()), *groups)
        masked |= dict.fromkeys(_masked(rule))
    terms = GrantTerms(parse_scopes(client.scopes).rights, cohorts, tuple(masked))
    if not terms.readable:
        expect.skip(
            "Les portées et la Permission de l'application n'ouvrent ensemble aucun type à la recherche.",
            "The scopes and the Permission of the application together open no type to search.",
        )
    return terms


def _groups(data: Mapping[str, Any]) -> Iterator[str]:
    for resource in objects(data.get("resource")):
        target = str(part(resource, "reference").get("reference", ""))
        if target.startswith("Group/"):
            yield target.removeprefix("Group/")


def _masked(rule: Mapping[str, Any]) -> Iterator[str]:
    for modifier in objects(rule.get("modifierExtension")):
        if str(modifier.get("url")).endswith(_LIMIT):
            for part in objects(modifier.get("extension")):
                if isinstance(part.get("valueString"), str):
                    yield part["valueString"]
