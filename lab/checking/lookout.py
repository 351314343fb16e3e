"""What the laboratory sees of an application besides its answers: whom it calls, what it writes of requests.

Both are asked for over the wire like anything else, so that they stand in the journal and a replay has them.
"""

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from lab.checking.expect import Expect
from lab.fhir.client import Outgoing, Wire
from lab.fhir.reply import Reply

CALLS, OUTPUT = "laboratory-calls", "laboratory-output"
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True)
class Lookout:
    """``url`` is an address of the laboratory that nobody but a lured application calls."""

    url: str
    wire: Wire

    def reachable_from(self, base_url: str, expect: Expect) -> None:
        """Skip the check when the application runs on another machine: nothing it calls could be seen."""
        if (urlsplit(base_url).hostname or "") not in _LOOPBACK:
            expect.skip(
                "L'application tourne sur une autre machine : le laboratoire n'y est pas joignable, il ne "
                "verrait pas un appel sortant.",
                "The application runs on another machine: the laboratory cannot be reached from there and "
                "would not see an outbound call.",
            )

    def calls(self) -> Reply:
        """Ask who called: ``{"calls": ["GET /path", ...]}``, given a moment to arrive."""
        return self._ask(CALLS, {})

    def output(self, mark: str) -> Reply:
        """Ask what lines with a mark the application wrote to its output: ``{"lines": [...]}``."""
        return self._ask(OUTPUT, {"mark": mark})

    def _ask(self, what: str, query: dict[str, str]) -> Reply:
        asked = f"?{urlencode(query)}" if query else ""
        return self.wire.send(Outgoing("GET", f"{self.url}/{what}{asked}"))
