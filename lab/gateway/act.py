"""An act: a scripted answer of the gateway, and the script that plays acts one after the other.

The script counts requests, not time, so that the same application meets the same acts at the same places.
"""

import importlib
import pkgutil
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from lab.authserver.tokens import Tokens
from lab.fhir.interaction import Interaction
from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirResponse

GAP = 5
"""Ordinary requests between two acts: enough to see that the application recovered from the first."""


@dataclass(frozen=True)
class Stage:
    """What an act may use: the caller, its tokens, the address of the decoy host."""

    client_id: str
    tokens: Tokens
    decoy_url: str


def _search(request: FhirRequest) -> bool:
    return request.interaction is Interaction.SEARCH_TYPE


@dataclass(frozen=True)
class Act:
    """``instead`` answers in place of the platform; ``after`` changes its answer. One of them is given.

    The act is played on ``times`` requests in a row for which ``applies`` holds.
    """

    name: str
    times: int = 1
    applies: Callable[[FhirRequest], bool] = _search
    instead: Callable[[Stage], FhirResponse] | None = None
    after: Callable[[Stage, FhirResponse], FhirResponse | None] | None = None


class Script:
    """The acts to play to one application, in order."""

    def __init__(self, client_id: str, acts: Iterable[Act], gap: int = GAP) -> None:
        self.client_id = client_id
        self._acts = list(acts)
        self._gap = gap
        self._ordinary = 0
        self._played = 0
        self._lock = threading.Lock()

    def next(self, request: FhirRequest) -> Act | None:
        """Return the act to play on this request, or None to serve it as usual."""
        with self._lock:
            due = self._played > 0 or self._ordinary >= self._gap
            if not self._acts or not due or not self._acts[0].applies(request):
                self._ordinary += 1
                return None
            return self._acts[0]

    def played(self, act: Act) -> None:
        """Note that the act was really played once more."""
        with self._lock:
            self._played += 1
            if self._played >= act.times:
                self._acts.pop(0)
                self._played = 0
                self._ordinary = 0

    @property
    def complete(self) -> bool:
        """Tell whether every act was played and the application had time to recover."""
        with self._lock:
            return not self._acts and self._ordinary >= 2 * self._gap


def all_acts() -> dict[str, Act]:
    """Return every act of the folder by name."""
    package = importlib.import_module("lab.gateway.acts")
    modules = (
        importlib.import_module(f"{package.__name__}.{m.name}")
        for m in pkgutil.iter_modules(package.__path__)
    )
    return {module.ACT.name: module.ACT for module in modules}
