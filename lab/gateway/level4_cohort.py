"""Level 4, specific resource access: the view on which the request will be evaluated.

Nothing is filtered afterwards: the cohort becomes part of every sub-query of the backend.
"""

from collections.abc import Sequence
from datetime import date
from types import MappingProxyType

from lab.fhir.cohort import Cohort
from lab.fhir.interaction import Interaction
from lab.fhir.policy import Policy
from lab.fhir.request import FhirRequest
from lab.fhir.scopes import Scopes
from lab.fhir.view import View
from lab.gateway.operations import GIVES, given
from lab.model.exchange import Decision


def view_of(
    requests: Sequence[FhirRequest],
    scopes: Scopes,
    policy: Policy,
    purpose: str,
    client_id: str,
    today: date,
) -> tuple[View, Decision]:
    """Return the view of a request (followed by its entries) and the decision to record.

    An operation sees the types that it may give. The types of sub-queries (includes, chains, ``_has``) must
    be readable *and* searchable in their own right.
    """
    binding = f"{client_id}/{policy.version}/{purpose}"
    if requests[0].interaction is Interaction.OPERATION:
        view = View(MappingProxyType(given(scopes, policy, purpose, today)), binding, labels=policy.labels)
        return view, _decision(view, requests[0])
    cohorts = _opened(GIVES[0], scopes, policy, purpose, today)
    searched = _opened(GIVES[1], scopes, policy, purpose, today)
    cohorts = {type_: cohorts[type_].and_also(searched[type_]) for type_ in cohorts if type_ in searched}
    own: dict[str, Cohort] = {}
    for request in requests:
        cohort = _opened(request.interaction, scopes, policy, purpose, today).get(request.type or "")
        if request.type is not None and cohort is not None:
            # One view serves them all: an entry must not show another what its own action hides.
            own[request.type] = own[request.type].and_also(cohort) if request.type in own else cohort
    view = View(MappingProxyType(cohorts | own), binding, labels=policy.labels)
    return view, _decision(view, requests[0])


def _opened(
    interaction: Interaction, scopes: Scopes, policy: Policy, purpose: str, today: date
) -> dict[str, Cohort]:
    """Return what scopes and policy both open to an interaction."""
    opened = {}
    for type_, cohort in policy.opened((interaction, purpose), today).items():
        scoped = scopes.cohort(type_, interaction)
        if scoped is not None:
            opened[type_] = cohort.and_also(scoped)
    return opened


def _decision(view: View, request: FhirRequest) -> Decision:
    type_ = request.type or ""
    cohort = view.cohort(type_) if view.sees(type_) else "none"
    return Decision(4, allow=True, rule=f"cohort {cohort}", reason="evaluated on the view")
