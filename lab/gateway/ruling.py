"""Levels 3, 4 and 5 together: what is decided of one parsed request, and on which view it is answered."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from lab.authserver.registry import Registration
from lab.authserver.tokens import Grant
from lab.fhir.element_path import ElementPath
from lab.fhir.interaction import Interaction
from lab.fhir.policy import Policy
from lab.fhir.request import FhirRequest
from lab.fhir.view import View
from lab.gateway import level3_resource_type, level4_cohort, level5_attributes
from lab.gateway.decision import refuse
from lab.gateway.implied_reads import referred_through
from lab.gateway.mask import Mask, compile_mask
from lab.model.exchange import Decision

_MOST_REMEMBERED = 1_000
_CONDITIONS = frozenset({"if-match", "if-none-match"})
_VERSIONED = frozenset({Interaction.UPDATE, Interaction.VREAD, Interaction.HISTORY_INSTANCE})


@dataclass(frozen=True)
class Ruling:
    """``decision`` is the first refusal, or the last permission when there is none."""

    decision: Decision
    view: View
    cohort_rule: str
    masks: tuple[ElementPath, ...]
    mask: Mask


def rule_on(requests: Sequence[FhirRequest], grant: Grant, registration: Registration, today: date) -> Ruling:
    """Rule on a request, followed by its entries when it is a transaction.

    A client with a mask on any type patches none: labels and narratives that repeat masked data are hidden
    from it in every type, and a patch would test them or move them to where it may read. Nor does it write
    over resources in a transaction, where their hidden parts could not be put back one by one.
    """
    policy, purpose = registration.policy, registration.purpose
    masks = policy.masks
    view, cohort = _view(requests, grant, registration, today)
    for request in requests:
        decision = level3_resource_type.decide(request, grant.scopes, policy, purpose, today)
        if decision.allow:
            decision = level5_attributes.decide(request, masks)
        if decision.allow and masks and request is not requests[0] and _goes_by_versions(request):
            decision = refuse(5, f"{len(masks)} masks", "in a transaction nothing is written by version")
        if decision.allow and masks and _asks_when(request):
            decision = refuse(5, f"{len(masks)} masks", "the times of versions tell of hidden changes")
        if decision.allow and request.interaction is Interaction.PATCH and masks:
            decision = refuse(5, f"{len(masks)} masks", "a patch tests and moves what the answer would hide")
        if decision.allow and request.operation == "$validate" and request.id is not None and masks:
            decision = refuse(5, f"{len(masks)} masks", "a validation tells which masked elements are there")
        if not decision.allow:
            break
    if requests[0].operation == "$everything":
        hidden = referred_through(masks)
        view = replace(view, cohorts={t: c for t, c in view.cohorts.items() if t not in hidden})
    return Ruling(decision, view, cohort.rule, masks, _mask(registration.policy))


def _view(
    requests: Sequence[FhirRequest], grant: Grant, registration: Registration, today: date
) -> tuple[View, Decision]:
    """Return the view of the requests; that of a single one depends on its type and interaction alone."""
    policy, purpose, first = registration.policy, registration.purpose, requests[0]
    known = ("view", grant.scopes, purpose, grant.client_id, today, first.interaction, first.type)
    if len(requests) == 1 and known in policy.memo:
        found: tuple[View, Decision] = policy.memo[known]
        return found
    view, cohort = level4_cohort.view_of(requests, grant.scopes, policy, purpose, grant.client_id, today)
    made = replace(view, masks=policy.masks), cohort
    if len(requests) == 1:
        _remember(policy, known, made)
    return made


def _mask(policy: Policy) -> Mask:
    mask: Mask | None = policy.memo.get("mask")
    if mask is None:
        mask = compile_mask(policy.masks)
        _remember(policy, "mask", mask)
    return mask


def _remember(policy: Policy, key: Hashable, value: object) -> None:
    if len(policy.memo) >= _MOST_REMEMBERED:
        policy.memo.clear()
    policy.memo[key] = value


def _asks_when(request: FhirRequest) -> bool:
    """Tell whether a history is asked for by time, or of many resources in the order of time."""
    by_time = bool(request.values("_since") or request.values("_at"))
    one = request.interaction is Interaction.HISTORY_INSTANCE
    return request.interaction is Interaction.HISTORY_TYPE or (one and by_time)


def _goes_by_versions(request: FhirRequest) -> bool:
    return request.interaction in _VERSIONED or not _CONDITIONS.isdisjoint(request.headers)
