"""The Subscription that is stored for the one that a client sends: checked, its status given by the server.

A client asks with ``requested`` (or ``active``, which means no more) and stops with ``off``. The form of R4
alone is active at once; the form with a topic, when its endpoint has answered the handshake; it stays so as
long as it is told in the same way.

Specs: http://hl7.org/fhir/R4/subscription-definitions.html#Subscription.status
"""

from lab.fhir.request import FhirRequest
from lab.fhir.strict_json import Json
from lab.fhirserver.storage.store import Store
from lab.fhirserver.subscriptions.asking import plan_of
from lab.fhirserver.subscriptions.endpoint import refused
from lab.fhirserver.subscriptions.matching import check_criteria
from lab.fhirserver.subscriptions.plan import Plan, from_text

MOST = 50
"""Subscriptions that are served at once: every write looks at each."""

NOT_SERVED = (
    "A Subscription of FHIR R5 is kept here and not served: expected the status off; be notified by a server "
    "of FHIR R4."
)

ASKING = frozenset({"requested", "active"})


def admitted(store: Store, request: FhirRequest, resource: Json) -> Json:
    """Return the resource to store; any other type as it is.

    Raises:
        FhirError: 422 when the Subscription asks for what this server does not do.
    """
    if resource["resourceType"] != "Subscription" or resource.get("status") not in ASKING:
        return resource
    if store.release != "R4":
        raise refused(NOT_SERVED, "not-supported")
    plan = plan_of(request, resource)
    check_criteria(store, plan)
    others = "select count(*) from subscriber where status in ('requested', 'active') and id <> ?"
    if store.rows(others, (resource.get("id", ""),))[0][0] >= MOST:
        raise refused(f"At most {MOST} Subscriptions are served at once: turn one off.", "too-costly")
    status = "requested" if plan.topic and not _is_known(store, resource, plan) else "active"
    return {name: value for name, value in resource.items() if name not in {"error", "_error"}} | {
        "status": status
    }


def _is_known(store: Store, resource: Json, plan: Plan) -> bool:
    """Tell whether the endpoint has answered a handshake under the same headers."""
    active = "select plan from subscriber where status = 'active' and id = ?"
    known = [from_text(text) for (text,) in store.rows(active, (resource.get("id", ""),))]
    return any(p.topic and (p.endpoint, p.headers) == (plan.endpoint, plan.headers) for p in known)
