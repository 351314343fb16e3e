"""The pytest plugin of the child process: collects planned checks, gives them what they ask for, reports.

A check ends by one of: nothing (pass, or warning when it made remarks), ``Failed``, ``NotShown``,
``NotApplicable``, or any other exception, which is an error of the laboratory.
"""

import traceback
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from lab.checking.cohort import Cohort, find_cohort
from lab.checking.declare import card_of
from lab.checking.expect import Expect, Failed, NotApplicable, NotShown, Told
from lab.checking.keys import new_key
from lab.checking.smart import SmartEndpoint
from lab.checking.truth import Truth
from lab.engine.plan import Access, EnginePlan
from lab.engine.replay import ReplayWire
from lab.engine.tokens import TokenSource
from lab.engine.wire import LiveWire
from lab.fhir.client import FhirClient, origin
from lab.journal.journal import read_journal
from lab.model.check import Check
from lab.model.exchange import Exchange
from lab.model.target import ServerRole
from lab.model.text import Text
from lab.model.words import Expectation, Outcome, Suite

_MAX_EVIDENCE = 8
Emit = Callable[[dict[str, Any]], None]


class Laboratory:
    """One run of checks: the fixtures are what a check may ask for, by name."""

    def __init__(self, plan: EnginePlan, wire: LiveWire | ReplayWire, emit: Emit) -> None:
        self._plan = plan
        self._context = plan.context
        self._wire = wire
        self._emit = emit
        self._order = {id_: place for place, id_ in enumerate(plan.context.checks)}
        self._expects: dict[str, Expect] = {}
        self._tokens: dict[str, TokenSource] = {}
        self._application = (
            origin(self._context.subject.server.base_url) if self._context.subject.server else ""
        )

    # --- collection -------------------------------------------------------------------------------------

    @pytest.hookimpl(tryfirst=True)
    def pytest_pycollect_makeitem(self, collector: pytest.Module, name: str, obj: object) -> object:
        """Make an item of each planned check that the module itself defines, and of nothing else."""
        card = card_of(obj)
        planned = card is not None and card.id in self._order
        if not planned or getattr(obj, "__module__", "") != collector.obj.__name__:
            return []
        return pytest.Function.from_parent(collector, name=name)

    def pytest_collection_modifyitems(self, items: list[pytest.Function]) -> None:
        """Run checks in the planned order."""
        items.sort(key=lambda item: self._order[_card(item).id])

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
                    "check": card.id,
                    "outcome": outcome,
                    "message": {"fr": message.fr, "en": message.en},
                    "evidence": named[:_MAX_EVIDENCE] or self._wire.sent[-_MAX_EVIDENCE:],
                }
            )

    # --- what checks may ask for ------------------------------------------------------------------------

    @pytest.fixture
    def expect(self, request: pytest.FixtureRequest) -> Expect:
        """How the check says what it expected and saw."""
        return self._expects[request.node.nodeid]

    @pytest.fixture
    def truth(self) -> Truth:
        """The manifest and the answer key."""
        c = self._context
        return Truth(c.subject, c.seed, c.groups, c.hospital, frozenset(c.acts))

    @pytest.fixture
    def journal(self) -> tuple[Exchange, ...]:
        """The exchanges of the application as a client."""
        return self._journal

    @cached_property
    def _journal(self) -> tuple[Exchange, ...]:
        if not self._plan.application_journal:
            return ()  # the application is no client, or was not watched
        recorded = read_journal(Path(self._plan.application_journal))
        return tuple(exchange for exchange in recorded if exchange.actor == "application")

    def _token(self, name: str) -> TokenSource:
        """Return the token source of a persona, the same one for every check."""
        if name not in self._tokens:
            access = self._plan.secrets.access.get(name, Access())
            if isinstance(self._wire, ReplayWire):
                access = Access(token_url=self._plan.own_journal)
            self._tokens[name] = TokenSource(name, access, self._wire)
        return self._tokens[name]

    @pytest.fixture
    def fhir(self) -> FhirClient:
        """The application as a server, called by its full identity."""
        return FhirClient(self._server().base_url, self._wire, self._token("full"), name="full")

    @pytest.fixture
    def restricted(self) -> FhirClient:
        """The application as a server, called by its restricted identity."""
        server = self._server()
        if server.identity("restricted") is None:
            raise NotShown(
                Text(
                    fr="Le manifeste ne déclare pas d'identité restreinte.",
                    en="The manifest declares no restricted identity.",
                )
            )
        return FhirClient(server.base_url, self._wire, self._token("restricted"), name="restricted")

    @pytest.fixture
    def anonymous(self) -> FhirClient:
        """The application as a server, called without a token."""
        return FhirClient(self._server().base_url, self._wire)

    @pytest.fixture
    def stranger(self) -> FhirClient:
        """The application as a server, called with the full identity from an address that it refuses."""
        server = self._server()
        if not server.refused_source:
            raise NotShown(
                Text(
                    fr="Le manifeste ne déclare pas d'adresse refusée (server.refused_source).",
                    en="The manifest declares no refused address (server.refused_source).",
                )
            )
        return FhirClient(
            server.base_url, self._wire, self._token("full"), source=server.refused_source, name="stranger"
        )

    @pytest.fixture
    def cohort(self, fhir: FhirClient, truth: Truth) -> Cohort:
        """Patients inside and outside the cohort of the restricted identity."""
        identity = self._server().identity("restricted")
        found = find_cohort(identity, fhir, truth) if identity else Cohort((), ())
        if not found.inside or not found.outside:
            raise NotShown(
                Text(
                    fr="Aucune cohorte à éprouver : il faut des patients dedans et dehors.",
                    en="No cohort to test: patients are needed both inside and outside.",
                )
            )
        return found

    @pytest.fixture
    def grant(self) -> FhirClient:
        """The hospital's gateway, called in the name of the application as a client."""
        return FhirClient(self._context.hospital["fhir"], self._wire, self._token("grant"), name="grant")

    @pytest.fixture
    def grant_stranger(self) -> FhirClient:
        """The same, from an address that no application is allowed from."""
        base = self._context.hospital["fhir"]
        return FhirClient(base, self._wire, self._token("grant"), source="127.0.0.2", name="grant_stranger")

    @pytest.fixture
    def hospital(self) -> FhirClient:
        """The backend behind the gateway: the source of truth."""
        key = self._plan.secrets.backend_key
        return FhirClient(
            self._context.hospital["backend"], self._wire, lambda: f"Bearer {key}", name="hospital"
        )

    @pytest.fixture
    def smart(self) -> SmartEndpoint:
        """The hospital's token endpoint, asked in the name of the application as a client."""
        client = self._context.subject.client
        access = self._plan.secrets.access.get("grant", Access())
        scopes = client.scopes if client else access.scopes
        return SmartEndpoint(
            self._context.hospital["token"],
            access.client_id,
            scopes,
            access.key or new_key(access.kid).private,  # while replaying, nobody receives what it signs
            access.kid,
            self._wire,
        )

    def _server(self) -> ServerRole:
        server = self._context.subject.server
        if server is None:
            raise NotApplicable(
                Text(fr="L'application n'expose pas de serveur.", en="The application exposes no server.")
            )
        return server


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
            return Outcome.PASS, Text(fr="Exigence vérifiée.", en="Requirement verified.")
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
