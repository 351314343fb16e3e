"""What sends requests: one small protocol, so that the generator does not know which engine it plays with."""

from typing import Protocol

from lab.load.request import Ask
from lab.load.verify import Answer

NAMES = ("lean", "fast")
"""Those there are: ours, and the one of Locust's FastHttpUser."""


class Engine(Protocol):
    """Sends one request at a time for each caller; the caller caps how many are in flight."""

    def exchange(self, ask: Ask) -> Answer:
        """Send one request and return its whole answer; a failure of the network is an answer too."""
        ...

    def close(self) -> None:
        """Close the connections that are kept."""
        ...
