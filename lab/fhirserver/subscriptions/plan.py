"""What a Subscription asks, as the server keeps it: the events it is about, and how they are told."""

from dataclasses import dataclass
from functools import lru_cache

import msgspec

from lab.fhir.request import Parameter
from lab.fhirserver.subscriptions.topics import TOPICS, Topic

CONTENTS = frozenset({"empty", "id-only", "full-resource"})
"""How much a notification holds of the resources it is about."""


@dataclass(frozen=True)
class Plan:
    """``topic`` is empty in the form of R4 alone; ``content`` is then ``empty`` or ``full-resource``.

    ``heartbeat`` in seconds, 0 for none; ``ends`` in milliseconds UTC.
    """

    type: str
    parameters: tuple[tuple[str, str, str | None], ...]
    topic: str
    content: str
    endpoint: str
    headers: tuple[tuple[str, str], ...]
    heartbeat: int
    ends: int
    base_url: str

    @property
    def asked(self) -> tuple[Parameter, ...]:
        """Return the criteria."""
        return tuple(Parameter(name, value, modifier) for name, value, modifier in self.parameters)

    def fires(self, before: bytes | None, after: bytes | None) -> bool:
        """Tell whether the passage from one content of a resource to another is what the topic names."""
        return TOPICS.get(self.topic.partition("|")[0], Topic()).fires(before, after)


def as_text(plan: Plan) -> str:
    """Return the plan as the store keeps it."""
    return msgspec.json.encode(plan).decode()


@lru_cache(maxsize=256)
def from_text(text: str) -> Plan:
    """Return a plan that the store has kept."""
    return msgspec.json.decode(text, type=Plan)
