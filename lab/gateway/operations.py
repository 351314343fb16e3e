"""What each operation needs: the exhaustive table of those that the gateway lets through.

An operation that gives resources gives those of the types that may be read *and* searched, and on which the
Permission names the action ``operation``: reading one by one is not yet taking everything away.

Specs: https://hl7.org/fhir/R4/operations.html and SMART scopes v2
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce

from lab.fhir.cohort import Cohort
from lab.fhir.interaction import Interaction
from lab.fhir.policy import Policy
from lab.fhir.request import FhirRequest
from lab.fhir.scopes import Scopes

GIVES = (Interaction.READ, Interaction.SEARCH_TYPE)
"""What must be open on a type for its resources to be given."""


@dataclass(frozen=True)
class Opening:
    """On which ``types`` (None: any) an operation is let through; ``gives`` tells that it reads resources."""

    types: frozenset[str] | None
    gives: bool = True


_SYSTEM, _TYPE, _INSTANCE = "system", "type", "instance"
OPENINGS: Mapping[tuple[str, str], Opening] = {
    ("$everything", _INSTANCE): Opening(frozenset({"Patient", "Encounter"})),
    ("$validate", _TYPE): Opening(None, gives=False),
    ("$validate", _INSTANCE): Opening(None),
    ("$lastn", _TYPE): Opening(frozenset({"Observation"})),
    ("$export", _SYSTEM): Opening(frozenset()),
    ("$export", _TYPE): Opening(frozenset({"Patient"})),
    ("$export", _INSTANCE): Opening(frozenset({"Group"})),
    ("$status", _TYPE): Opening(frozenset({"Subscription"})),
    ("$status", _INSTANCE): Opening(frozenset({"Subscription"})),
    ("$events", _INSTANCE): Opening(frozenset({"Subscription"})),
    ("$export-status", _SYSTEM): Opening(frozenset()),
    ("$export-file", _SYSTEM): Opening(frozenset()),
}
"""What is not here is refused."""


def opening(request: FhirRequest) -> Opening | None:
    """Return what the operation of a request needs, None for one that is not let through."""
    place = _SYSTEM if request.type is None else _TYPE if request.id is None else _INSTANCE
    found = OPENINGS.get((request.operation or "", place))
    if found is None or request.type is None or found.types is None or request.type in found.types:
        return found
    return None


def given(scopes: Scopes, policy: Policy, purpose: str, today: date) -> dict[str, Cohort]:
    """Return the types that operations may give, each with what all the rules open that must hold for it."""
    opened = [policy.opened((interaction, purpose), today) for interaction in (Interaction.OPERATION, *GIVES)]
    return {
        type_: reduce(Cohort.and_also, (each[type_] for each in opened), _scoped(scopes, type_))
        for type_ in opened[0]
        if all(type_ in each for each in opened) and all(scopes.allows(type_, right) for right in GIVES)
    }


def _scoped(scopes: Scopes, type_: str) -> Cohort:
    """Return what of a type the scopes open to reading and to searching alike."""
    cohorts = (scopes.cohort(type_, right) for right in GIVES)
    return reduce(Cohort.and_also, (cohort for cohort in cohorts if cohort is not None))


def chosen(request: FhirRequest) -> frozenset[str]:
    """Return the types that ``_type`` names."""
    return frozenset(type_.strip() for value in request.values("_type") for type_ in value.split(","))
