"""Level 3, resource-type access: do the scopes and the policy open this interaction on this type?

The table is exhaustive: an interaction that it does not name is refused.
Specs: SMART scopes v2, FHIR Permission.rule.activity.action.
"""

from datetime import date
from functools import lru_cache

from lab.fhir.interaction import CONTAINERS, WRITES, Interaction
from lab.fhir.policy import Policy
from lab.fhir.request import FhirRequest
from lab.fhir.scopes import LETTER, Scopes
from lab.gateway.decision import refuse
from lab.gateway.operations import chosen, given, opening
from lab.model.exchange import Decision

PUBLIC = frozenset({Interaction.CAPABILITIES})
NEVER = frozenset({Interaction.SEARCH_SYSTEM, Interaction.HISTORY_SYSTEM})
"""Refused whatever the scopes: no policy of this gateway can narrow them yet."""


VERSIONS = frozenset({Interaction.VREAD, Interaction.HISTORY_INSTANCE, Interaction.HISTORY_TYPE})
"""Refused under a granular scope: past versions cannot be searched."""


def decide(request: FhirRequest, scopes: Scopes, policy: Policy, purpose: str, today: date) -> Decision:  # noqa: PLR0911
    """Decide one interaction; the entries of a container are each decided on their own."""
    interaction = request.interaction
    if not policy.in_force(today):
        return refuse(3, f"Permission {policy.id}", "not active, or outside its validity")
    if interaction in PUBLIC or interaction in CONTAINERS:
        return Decision(3, allow=True, rule=str(interaction), reason="decided entry by entry or public")
    if interaction is Interaction.OPERATION:
        return _operation(request, scopes, policy, purpose, today)
    if interaction in NEVER or interaction not in LETTER:
        return refuse(3, str(interaction), "an interaction that no policy opens")
    if interaction in WRITES and request.id is None and interaction is not Interaction.CREATE:
        return refuse(3, str(interaction), "conditional writes are not opened by any policy")
    opened = scopes.cohort(request.type, interaction)
    if opened is None:
        return refuse(3, "scope", f"no scope for {interaction} on {request.type}")
    if opened.queries and interaction in VERSIONS:
        return refuse(3, "scope", f"a granular scope does not open {interaction} on {request.type}")
    if request.type not in policy.opened((interaction, purpose), today):
        return refuse(3, f"Permission {policy.id}", f"no rule for {interaction} on {request.type}")
    return _allowed(policy.id)


@lru_cache(maxsize=1024)
def _allowed(permission: str) -> Decision:
    return Decision(3, allow=True, rule=f"Permission {permission}", reason="scope and rule")


def _operation(request: FhirRequest, scopes: Scopes, policy: Policy, purpose: str, today: date) -> Decision:
    """Decide an operation: the types of the URL and of ``_type`` must be among those that it may give."""
    opened, name, types = opening(request), request.operation, given(scopes, policy, purpose, today)
    if opened is None:
        return refuse(3, f"{name}", "an operation that no policy opens")
    if request.type is None:
        missing = not types
    elif opened.gives:
        missing = request.type not in types
    else:
        rights = any(scopes.allows(request.type, interaction) for interaction in LETTER)
        missing = not rights or request.type not in policy.opened((Interaction.OPERATION, purpose), today)
    if missing:
        return refuse(3, f"Permission {policy.id}", f"no scope or no rule for {name} on {request.type}")
    if not chosen(request) <= types.keys():
        return refuse(3, f"Permission {policy.id}", f"{name} is asked for a type that is not open to it")
    return Decision(3, allow=True, rule=f"Permission {policy.id}", reason=f"scope and rule for {name}")
