"""The pytest plugin of the child process: collects planned checks, gives them what they ask for, reports.

A check ends by one of: nothing (pass, or warning when it made remarks), ``Failed``, ``NotShown``,
``NotApplicable``, or any other exception, which is an error of the laboratory.
"""

import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lab.checking.declare import card_of
from lab.checking.expect import Expect, Failed, NotApplicable, NotShown, Told
from lab.engine.personas import Personas
from lab.engine.plan import EnginePlan
from lab.engine.replay import ReplayWire
from lab.engine.wire import LiveWire
from lab.fhir.client import origin
from lab.journal.journal import read_journal
from lab.model.check import Check
from lab.model.exchange import Exchange
from lab.model.text import Text
from lab.model.words import Expectation, Outcome, Suite

_MAX_EVIDENCE = 8
Emit = Callable[[dict[str, Any]], None]


class Laboratory(Personas):
    """One run of checks: the fixtures are what a check may ask for, by name."""

    def __init__(self, plan: EnginePlan, wire: LiveWire | ReplayWire, emit: Emit) -> None:
        super().__init__(plan, wire)
        self._emit = emit
        self._order = {id_: place for place, id_ in enumerate(plan.context.checks)}
        self._application = (
            origin(self._context.subject.server.base_url) if self._context.subject.server else ""
        )

    # --- collection -------------------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makeitem(self, collector: pytest.Module, name: str, obj: object) -> object:
        """Make an item of each planned check that the module itself defines, and of nothing else."""
        card = card_of(obj)
        if card is None or getattr(obj, "__module__", "") != collector.obj.__name__ or not self._wanted(card):
            return []
        return pytest.Function.from_parent(collector, name=name)

    def _wanted(self, card: Check) -> bool:
        return card.id in self._order

    def _place(self, card: Check) -> tuple[int, str]:
        return self._order.get(card.id, len(self._order)), card.id

    def _named(self, card: Check) -> dict[str, Any]:
        """Return how a finding names its check."""
        return {"check": card.id}

    def pytest_collection_modifyitems(self, items: list[pytest.Function]) -> None:
        """Run checks in the planned order."""
        items.sort(key=lambda item: self._place(_card(item)))

    @pytest.fixture
    def answered(self, request: pytest.FixtureRequest) -> tuple[Exchange, ...]:
        """What the application has answered, as a server, to the checks that came before this one."""
        recorded = Path(self._plan.own_journal)
        now = self._order[_card(request.node).id]
        return tuple(
            exchange
            for exchange in (read_journal(recorded) if recorded.exists() else ())
            if self._order.get(exchange.check or "", now) < now and origin(exchange.url) == self._application
        )

    # --- outcomes ---------------------------------------------------------------------------------------

    def pytest_runtest_setup(self, item: pytest.Function) -> None:
        """Note which check is about to send."""
        self._wire.check = _card(item).id
        self._wire.sent.clear()
        self._expects[item.nodeid] = Expect()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Function, call: pytest.CallInfo[None]) -> Iterator[None]:
        """Turn the end of a check into its finding."""
        yield
        if call.when == "call" or call.excinfo is not None:
            card, expect = _card(item), self._expects[item.nodeid]
            error = call.excinfo.value if call.excinfo else None
            if self._application in self._wire.gone:
                self._emit({"event": "unreachable", "check": card.id})
                item.session.shouldstop = "the application stopped answering"
                return
            outcome, message = _outcome(card, expect, error)
            cited = error.evidence if isinstance(error, Told) else ()
            named = list(dict.fromkeys([*cited, *expect.evidence]))  # what decided the outcome comes first
            self._emit(
                {
                    "event": "finding",
                    **self._named(card),
                    "outcome": outcome,
                    "message": {"fr": message.fr, "en": message.en},
                    "evidence": named[:_MAX_EVIDENCE] or self._wire.sent[-_MAX_EVIDENCE:],
                }
            )


def _card(item: pytest.Function) -> Check:
    card = card_of(item.obj)
    if card is None:
        raise TypeError(item.nodeid)
    return card


def _outcome(card: Check, expect: Expect, error: BaseException | None) -> tuple[Outcome, Text]:
    match error:
        case None if expect.remarks:
            return Outcome.WARNING, card.failure.extended(expect.remarks[0].fr, expect.remarks[0].en)
        case None:
            verified = Text(fr="Exigence vérifiée.", en="Requirement verified.")
            for said in expect.scope:
                verified = verified.extended(said.fr, said.en)
            return Outcome.PASS, verified
        case Failed():
            # A broken SHOULD is a remark; a probe keeps its failure, whose weight the severity gives.
            soft = card.suite is Suite.CONFORMANCE and card.expectation is not Expectation.SHALL
            outcome = Outcome.WARNING if soft else Outcome.FAIL
            return outcome, card.failure.extended(error.detail.fr, error.detail.en)
        case NotShown():
            return Outcome.SKIP, error.detail
        case NotApplicable():
            return Outcome.OMIT, error.detail
    traceback.print_exception(error)
    name = type(error).__name__
    return Outcome.ERROR, Text(
        fr=f"Défaut du laboratoire ({name}) : voir le journal du moteur.",
        en=f"Defect of the laboratory ({name}): see the engine's log.",
    )
