"""An act: a scripted answer of the gateway, and the script that plays acts one after the other.

The script counts requests, not time, so that the same application meets the same acts at the same places.
"""

import importlib
import pkgutil
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from lab.authserver.conduct import Conduct
from lab.authserver.tokens import Tokens
from lab.fhir.interaction import Interaction
from lab.fhir.request import FhirRequest
from lab.fhir.response import FhirResponse

GAP = 5
"""Ordinary requests between two acts: enough to see that the application recovered from the first."""

PRELUDE = 15
"""Ordinary requests before the first act: an application must have been able to start."""

PATIENCE = 40
"""Ordinary requests after which an act that found no request to be played on is given up."""


@dataclass(frozen=True)
class Stage:
    """What an act may use: the caller, its tokens, the decoy host, the request, and who plays what.

    ``known`` are the patients that the application was given before, in the order of their first answer.
    ``cast`` is what each act is about, by its name: the patient that it chose. ``conducts`` is where an act
    changes how the token server treats the application.
    """

    client_id: str
    tokens: Tokens
    decoy_url: str
    request: FhirRequest
    known: dict[str, None] = field(default_factory=dict)
    cast: dict[str, str] = field(default_factory=dict)
    conducts: dict[str, Conduct] = field(default_factory=dict)


def searched(request: FhirRequest) -> bool:
    """Tell whether a type is searched: where acts are played that ask for nothing else."""
    return request.interaction is Interaction.SEARCH_TYPE


@dataclass(frozen=True)
class Act:
    """``instead`` answers in place of the platform; ``after`` changes its answer. One of them is given.

    The act is played on ``times`` requests in a row for which ``applies`` holds; ``after`` may decline by
    None. ``lasting`` goes on changing every later answer to the application, once the act was played.
    ``closing`` acts may stop the application for good: they wait until the others were played. A ``quiet``
    act only changes data: there is nothing to recover from, and the next act follows at once. ``undo`` puts
    back what the act changed elsewhere, once the application had time to show what it does of it.
    """

    name: str
    times: int = 1
    applies: Callable[[FhirRequest], bool] = searched
    instead: Callable[[Stage], FhirResponse] | None = None
    after: Callable[[Stage, FhirResponse], FhirResponse | None] | None = None
    lasting: Callable[[Stage, FhirResponse], FhirResponse] | None = None
    closing: bool = False
    quiet: bool = False
    undo: Callable[[Stage], None] | None = None


class Script:
    """The acts to play to one application: of those that a request suits, the first that is left."""

    def __init__(self, client_id: str, acts: Iterable[Act], gap: int = GAP) -> None:
        self.client_id = client_id
        self.known: dict[str, None] = {}
        self.cast: dict[str, str] = {}
        self._acts = list(acts)
        self._gap = gap
        self._ordinary = 0
        self._seen = 0
        self._occasions: set[str] = set()
        self._least = max(PRELUDE, gap)
        self._played = 0
        self._lasting: list[Act] = []
        self._standing: Act | None = None
        self._lock = threading.Lock()

    def next(self, request: FhirRequest) -> Act | None:
        """Return the act to play on this request, or None to serve it as usual."""
        with self._lock:
            self._seen += 1
            self._occasions.update(act.name for act in self._acts if act.applies(request))
            begun = self._played > 0
            waiting = self._acts[:1] if begun else self._acts
            open_ = [act for act in waiting if not act.closing or len(self._acts) == 1 or self._tired]
            suited = next((act for act in open_ if act.applies(request)), None)
            if suited is None or not (begun or self._ordinary >= self._least):
                self._ordinary += 1
                return None
            self._acts.remove(suited)
            self._acts.insert(0, suited)
            return suited

    def played(self, act: Act) -> None:
        """Note that the act was really played once more."""
        with self._lock:
            self._played += 1
            self._least = self._gap
            if self._played >= act.times:
                self._acts.remove(act)
                self._played = 0
                self._ordinary = self._gap if act.quiet else 0
                if act.lasting is not None:
                    self._lasting.append(act)
                if act.undo is not None:
                    self._standing = act

    def undone(self, stage: Stage) -> None:
        """Put back what an act changed elsewhere, the application having had time for what it does of it."""
        with self._lock:
            act = self._standing if self._ordinary >= self._gap else None
            self._standing = None if act else self._standing
            self._ordinary = 0 if act else self._ordinary  # it recovers from that as well
        if act is not None and act.undo is not None:
            act.undo(stage)

    def declined(self, act: Act) -> None:
        """Note that the answer did not suit the act: the others go first, unless it is half played."""
        with self._lock:
            if not self._played:
                self._acts.remove(act)
                self._acts.append(act)
            self._ordinary += 1

    def changed(self, stage: Stage, answer: FhirResponse) -> FhirResponse:
        """Return an answer of the platform as the acts that last leave it."""
        for act in tuple(self._lasting):
            if act.lasting is not None:
                answer = act.lasting(stage, answer)
        return answer

    def given(self, patients: Iterable[str]) -> None:
        """Note the patients of an answer that goes to the application."""
        self.known.update(dict.fromkeys(patients))

    @property
    def complete(self) -> bool:
        """Tell whether every act was played, or found no place, and the application had time to recover."""
        with self._lock:
            closing = any(act.closing for act in self._acts)
            return self._ordinary >= 2 * self._gap and (not self._acts or (self._tired and not closing))

    @property
    def _tired(self) -> bool:
        """Tell whether to wait no more for the acts that are left: too long, or nothing ever suited them."""
        waiting = [act for act in self._acts if not act.closing]
        hopeless = self._seen > PATIENCE and not any(act.name in self._occasions for act in waiting)
        return self._ordinary >= PATIENCE or hopeless


def all_acts() -> dict[str, Act]:
    """Return every act of the folder by name."""
    package = importlib.import_module("lab.gateway.acts")
    modules = (
        importlib.import_module(f"{package.__name__}.{m.name}")
        for m in pkgutil.iter_modules(package.__path__)
    )
    return {module.ACT.name: module.ACT for module in modules if hasattr(module, "ACT")}
