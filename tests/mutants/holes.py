"""Open one hole in the gateway: widen the view, drop the masks, or admit a refused request, when asked to."""

import copy
import dataclasses
from collections.abc import Callable
from types import MappingProxyType

from lab.fhir.cohort import WHOLE
from lab.fhir.request import FhirRequest
from lab.gateway import level3_resource_type, ruling, serving
from lab.gateway.decision import Decision

When = Callable[[FhirRequest, str], bool]
"""Decides on a request and the id of the client that sends it."""
EVERY_TYPE = (
    *("Patient", "Encounter", "Observation", "Condition", "ImagingStudy", "Group"),
    *("Organization", "Location", "Practitioner", "PractitionerRole"),
)


def widen(when: When, *types: str, hidden_only: bool = False) -> None:
    """Show the whole of the types (that of the request when none is named) to the requests chosen.

    ``hidden_only`` leaves types that the view already shows as they are.
    """
    sound = ruling._view

    def view_of(requests, grant, registration, today):
        view, decision = sound(requests, grant, registration, today)
        if not when(requests[-1], grant.client_id):
            return view, decision
        opened = dict.fromkeys(types or (requests[-1].type,), WHOLE)
        cohorts = {**opened, **view.cohorts} if hidden_only else {**view.cohorts, **opened}
        return dataclasses.replace(view, cohorts=MappingProxyType(cohorts)), decision

    ruling._view = view_of


def unmask(when: When) -> None:
    """Leave the answers to the requests chosen as the backend gives them."""
    sound = serving.rule_on

    def rule_on(requests, grant, registration, today):
        ruling = sound(requests, grant, registration, today)
        return dataclasses.replace(ruling, masks=()) if when(requests[0], grant.client_id) else ruling

    serving.rule_on = rule_on


def mask_otherwise(change: Callable[[dict, dict], None]) -> None:
    """Change what every mask leaves; ``change`` takes the resource as it was, and as masked to be changed."""
    sound = ruling.compile_mask

    def compile_mask(paths):
        paths = tuple(paths)
        whole = sound(paths)

        def mask(resource):
            if resource.get("resourceType") == "Bundle":
                return whole(resource)
            before = copy.deepcopy(resource)
            whole(resource)
            change(before, resource)
            return resource

        return mask if paths else whole

    ruling.compile_mask = compile_mask


def admit(when: Callable[[FhirRequest], bool], policies: str) -> None:
    """Let the requests chosen through the level of resource types, under policies of that name."""
    sound = level3_resource_type.decide

    def decide(request, scopes, policy, purpose, today):
        if policy.id.startswith(policies) and when(request):
            return Decision(3, allow=True, rule="a hole", reason="never looked at")
        return sound(request, scopes, policy, purpose, today)

    level3_resource_type.decide = decide


def has(request: FhirRequest, *names: str) -> bool:
    """Tell whether the request gives one of the parameters."""
    return any(parameter.name in names for parameter in request.parameters)
