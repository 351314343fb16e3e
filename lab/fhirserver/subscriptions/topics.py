"""The topics that a Subscription may name: what must happen to a resource of which type.

The server defines them, as R4 leaves to it; clients find their addresses in the CapabilityStatement.
Spec: http://hl7.org/fhir/uv/subscriptions-backport/STU1.1/components.html#subscription-topics
"""

from collections.abc import Mapping
from dataclasses import dataclass

from lab.fhir.strict_json import read

BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport"
_ROOT = "https://lab.chu-toulouse.fr/fhir/SubscriptionTopic"


@dataclass(frozen=True)
class Topic:
    """``type`` is empty for that of the filters; ``reached`` is the status to take, empty for any event."""

    type: str = ""
    reached: str = ""

    def fires(self, before: bytes | None, after: bytes | None) -> bool:
        """Tell whether the passage from one content to another is an event; None is no resource."""
        if not self.reached:
            return True
        return _status(after) == self.reached != _status(before)


TOPICS: Mapping[str, Topic] = {
    f"{_ROOT}/resource-change": Topic(),
    f"{_ROOT}/encounter-start": Topic("Encounter", "in-progress"),
    f"{_ROOT}/encounter-complete": Topic("Encounter", "finished"),
    f"{_ROOT}/report-final": Topic("DiagnosticReport", "final"),
}
"""By canonical address."""


def _status(body: bytes | None) -> object:
    return None if body is None else read(body).get("status")
