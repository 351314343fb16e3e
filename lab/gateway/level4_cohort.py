"""Level 4, specific resource access: the view on which the request will be evaluated.

Nothing is filtered afterwards: the cohort becomes part of every sub-query of the backend.
"""

from collections.abc import Sequence
from types import MappingProxyType

from lab.fhir.interaction import Interaction
from lab.fhir.permission import Policy
from lab.fhir.request import FhirRequest
from lab.fhir.scopes import Scopes
from lab.fhir.view import View
from lab.gateway.operations import given
from lab.model.exchange import Decision


def view_of(
    requests: Sequence[FhirRequest], scopes: Scopes, policy: Policy, purpose: str, client_id: str
) -> tuple[View, Decision]:
    """Return the view of a request (followed by its entries) and the decision to record.

    An operation sees the types that it may give. The types of sub-queries (includes, chains, ``_has``) must
    be searchable or readable in their own right.
    """
    if requests[0].interaction is Interaction.OPERATION:
        types = given(scopes, policy, purpose).items()
        view = View(MappingProxyType({t: _all(groups) for t, groups in types}), _binding(client_id, policy))
        return view, _decision(view, requests[0])
    cohorts: dict[str, tuple[str, ...]] = {}
    for interaction in (Interaction.READ, Interaction.SEARCH_TYPE):
        for type_, groups in policy.opened(interaction, purpose).items():
            if scopes.allows(type_, interaction):
                cohorts[type_] = _tighter(cohorts.get(type_), groups)
    own: dict[str, tuple[str, ...]] = {}
    for request in requests:
        opened = policy.opened(request.interaction, purpose)
        if request.type is not None and request.type in opened:
            # One view serves them all: an entry must not show another what its own action hides.
            own[request.type] = _tighter(own.get(request.type), opened[request.type])
    view = View(cohorts=MappingProxyType(cohorts | own), binding=_binding(client_id, policy))
    return view, _decision(view, requests[0])


def _binding(client_id: str, policy: Policy) -> str:
    return f"{client_id}/{policy.version}"


def _decision(view: View, request: FhirRequest) -> Decision:
    confined = ", ".join(view.groups(request.type or "")) or "no Group"
    return Decision(4, allow=True, rule=f"cohort {confined}", reason="evaluated on the view")


def _all(rules: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the Groups that all the rules name which name some."""
    known: tuple[str, ...] | None = None
    for groups in rules:
        known = _tighter(known, groups)
    return known or ()


def _tighter(known: tuple[str, ...] | None, groups: tuple[str, ...]) -> tuple[str, ...]:
    """Return the narrower of what reading and searching open; Groups that both name when both confine."""
    if known is None or not known:
        return groups
    if not groups:
        return known
    return tuple(sorted(set(known) & set(groups))) or ("",)
