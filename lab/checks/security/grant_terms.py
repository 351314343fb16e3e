"""The terms that the application searches the hospital on: scopes, cohort of each type, masks.

Spec: https://hl7.org/fhir/R5/permission.html
"""

from collections.abc import Mapping
from dataclasses import dataclass

from lab.api import ElementPath, Expect, Interaction, Scopes, Truth, TypeCohort, parse_scopes
from lab.checks.granted import granted, policy_of


@dataclass(frozen=True)
class GrantTerms:
    """``cohorts`` are of the types that scopes and Permission both let the application search."""

    scopes: Scopes
    cohorts: Mapping[str, TypeCohort]
    masked: tuple[str, ...]

    @property
    def readable(self) -> tuple[str, ...]:
        """Return the types that the application may search."""
        return tuple(self.cohorts)

    @property
    def rights(self) -> frozenset[tuple[str, str]]:
        """Return the (type, letter) rights of the scopes, those on a part of a type included."""
        return self.scopes.rights | {(type_, letter) for type_, letter, _ in self.scopes.narrowed}


def grant_terms(truth: Truth, expect: Expect) -> GrantTerms:
    """Return the terms of the grant; skips when nothing in it can be searched, or told."""
    policy, client = policy_of(truth, expect), truth.subject.client
    scopes = parse_scopes(client.scopes) if client else Scopes(frozenset())
    masked = tuple(_written(path) for path in policy.masks)
    terms = GrantTerms(scopes, granted(truth, expect, Interaction.SEARCH_TYPE), masked)
    if not terms.readable:
        expect.skip(
            "Les portées et la Permission de l'application n'ouvrent ensemble aucun type à la recherche.",
            "The scopes and the Permission of the application together open no type to search.",
        )
    return terms


def _written(path: ElementPath) -> str:
    systems = " | ".join(f"'{system}'" for system in sorted(path.systems))
    return f"{path}.where(system in ({systems}))" if systems else str(path)
