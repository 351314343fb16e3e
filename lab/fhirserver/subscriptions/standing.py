"""The status that the server gives a Subscription as it is told: in its row and in the resource.

Spec: http://hl7.org/fhir/R4/subscription-definitions.html#Subscription.status
"""

from lab.fhir.strict_json import exact
from lab.fhirserver.storage.store import Store
from lab.fhirserver.subscriptions.outbox import Claim


def give(store: Store, claimed: Claim, status: str, error: str = "") -> bool:
    """Give a claimed Subscription its status, and end the claim; False when the claim was lost."""
    update = (
        "update subscriber set status = ?, tries = 0, due = 0, claim = '', lease = 0, error = ?"
        " where id = ? and claim = ? returning 1"
    )
    with store.transaction():
        if not store.rows(update, (status, error, claimed.id, claimed.mark)):
            return False
        stored = store.current("Subscription", claimed.id)
        if stored is not None and stored.body is not None:
            resource = exact(stored.body)
            resource["status"] = status
            resource.pop("error", None)
            if error:
                resource["error"] = error
            store.put("Subscription", claimed.id, resource, "PUT", claimed.plan.base_url)
    return True
