"""What the CapabilityStatement says of Subscriptions.

Spec: http://hl7.org/fhir/uv/subscriptions-backport/STU1.1/conformance.html
"""

from typing import Any

from lab.fhirserver.subscriptions.admission import MOST, NOT_SERVED
from lab.fhirserver.subscriptions.topics import BACKPORT, TOPICS
from lab.model.release import Release

TOPIC_SUBSCRIPTIONS = f"{BACKPORT}/CapabilityStatement/backport-subscription-server-r4"
"""What a server of Subscriptions with topics instantiates."""

_OURS = f"{BACKPORT}/StructureDefinition"
_RULES = (
    "Channel rest-hook, to http endpoints on the machine of the server; payload application/fhir+json or "
    "none. criteria is Type?search, active at once, or a topic, active when the endpoint has answered the "
    "handshake. Notifications are sent at least once and in order; after five failed tries within a minute "
    f"the status is error. At most {MOST} are served at once. A client confined to cohorts writes none."
)


def subscriptions(release: Release) -> dict[str, Any]:
    """Return what the statement says of the type, besides what it says of every type."""
    if release != "R4":
        return {"documentation": NOT_SERVED}
    canonical = f"{_OURS}/capabilitystatement-subscriptiontopic-canonical"
    return {
        "extension": [{"url": canonical, "valueCanonical": topic} for topic in TOPICS],
        "supportedProfile": [f"{_OURS}/backport-subscription"],
        "documentation": _RULES,
    }
