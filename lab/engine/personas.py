"""Who calls whom in the name of whom: the fixtures that a check asks for by the names of its parameters."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import pytest

from lab.checking.cohort import Cohort, find_cohort
from lab.checking.expect import Expect, NotApplicable, NotShown
from lab.checking.keys import new_key, new_rsa_key
from lab.checking.lookout import Lookout
from lab.checking.smart import SmartEndpoint
from lab.checking.truth import Truth
from lab.checking.twins import Twins
from lab.engine.lookout import listening
from lab.engine.plan import Access, EnginePlan
from lab.engine.replay import ReplayWire
from lab.engine.tokens import TokenSource
from lab.engine.wire import LiveWire
from lab.fhir.client import FhirClient
from lab.journal.journal import read_journal
from lab.model.exchange import Exchange
from lab.model.target import ServerRole
from lab.model.text import Text


class Personas:
    """Everybody whom the checks of one run may call as, and what they may know."""

    def __init__(self, plan: EnginePlan, wire: LiveWire | ReplayWire) -> None:
        self._plan = plan
        self._context = plan.context
        self._wire = wire
        self._expects: dict[str, Expect] = {}
        self._tokens: dict[str, TokenSource] = {}

    @pytest.fixture
    def expect(self, request: pytest.FixtureRequest) -> Expect:
        """How the check says what it expected and saw."""
        return self._expects[request.node.nodeid]

    @pytest.fixture
    def truth(self) -> Truth:
        """The manifest and the answer key."""
        c = self._context
        return Truth(
            c.subject, c.seed, c.groups, c.hospital, frozenset(c.acts), c.canary, c.artefacts, c.requests
        )

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
        return self._source(name, self._access(name))

    def _source(self, name: str, access: Access) -> TokenSource:
        if name not in self._tokens:
            self._tokens[name] = TokenSource(name, access, self._wire)
        return self._tokens[name]

    def _access(self, name: str) -> Access:
        if isinstance(self._wire, ReplayWire):
            return Access(token_url=self._plan.own_journal)
        return self._plan.secrets.access.get(name, Access())

    @pytest.fixture
    def fhir(self) -> FhirClient:
        """The application as a server, called by its full identity."""
        return FhirClient(self._server().base_url, self._wire, self._token("full"), name="full")

    @pytest.fixture
    def restricted(self) -> FhirClient:
        """The application as a server, called by its restricted identity."""
        return self._caller("restricted")

    @pytest.fixture
    def other(self) -> FhirClient:
        """The same by a second confined identity, of another cohort."""
        return self._caller("other")

    @pytest.fixture
    def research(self) -> FhirClient:
        """The same by the identity of secondary use."""
        return self._caller("research")

    @pytest.fixture
    def contact(self) -> FhirClient:
        """The same by the identity that notifies patients."""
        return self._caller("contact")

    @pytest.fixture
    def scoped(self) -> Callable[[str], FhirClient]:
        """Give the restricted identity with a token for narrower scopes."""
        whole = self._caller("restricted")

        def with_scopes(scopes: str) -> FhirClient:
            name = f"restricted {scopes}"
            access = replace(self._access("restricted"), scopes=scopes)
            return replace(whole, authorization=self._source(name, access), name=name)

        return with_scopes

    @pytest.fixture
    def endpoint(self) -> SmartEndpoint:
        """The token endpoint of the application itself, asked as its restricted identity with a key."""
        found = self._endpoint()
        if found is None:
            server = self._server()
            identity = server.identity("restricted") or server.identities[0]
            raise NotApplicable(
                Text(
                    fr="L'application n'émet pas de jeton contre une assertion signée : "
                    f"issuer = {identity.issuer}, authentication = {identity.authentication}.",
                    en="The application issues no token for a signed assertion: "
                    f"issuer = {identity.issuer}, authentication = {identity.authentication}.",
                )
            )
        return found

    @pytest.fixture
    def rsa_endpoint(self, endpoint: SmartEndpoint) -> SmartEndpoint:
        """The same, signing by RS384 under the key that the laboratory has for it."""
        access = self._access("restricted")
        key = access.rsa_key or new_rsa_key(access.rsa_kid).private  # while replaying, as above
        return replace(endpoint, key=key, kid=access.rsa_kid, algorithm="RS384")

    @pytest.fixture
    def own_endpoint(self) -> SmartEndpoint | None:
        """The same, or None: for a probe that shows something without it too."""
        return self._endpoint()

    @pytest.fixture
    def spare(self) -> SmartEndpoint | None:
        """The same asked as another client, which a probe may get locked out; None without one.

        The token of that client is taken first: the probes that follow have it.
        """
        endpoint, server = self._endpoint(), self._server()
        own = server.identity("restricted") or server.identities[0]
        for name in ("contact", "research", "other"):
            found = server.identity(name)
            same = found and (found.issuer, found.authentication) == (own.issuer, own.authentication)
            if endpoint and found and same:
                self._token(name)()
                return replace(endpoint, client_id=found.client_id, scopes=found.scopes)
        return None

    def _endpoint(self) -> SmartEndpoint | None:
        access, server = self._access("restricted"), self._server()
        identity = server.identity("restricted") or server.identities[0]
        own = identity.issuer == "application" and identity.authentication == "private_key_jwt"
        if not own and server.base_url != self._context.hospital.get("fhir"):
            return None
        key = access.key or new_key(access.kid).private  # while replaying, nobody receives what it signs
        live = "" if isinstance(self._wire, ReplayWire) else access.token_url
        url = live or server.token_url or self._context.hospital.get("token", "")
        return SmartEndpoint(
            url,
            access.client_id or identity.client_id,
            access.scopes or identity.scopes,
            key,
            access.kid,
            self._wire,
        )

    @pytest.fixture
    def lookout(self) -> Iterator[Lookout]:
        """What is seen of the application besides its answers: whom it calls, what it writes."""
        if isinstance(self._wire, ReplayWire):
            yield Lookout("http://127.0.0.1:9", self._wire)
            return
        with listening(self._plan.application_output) as url:
            yield Lookout(url, self._wire)

    @pytest.fixture
    def twins(self) -> Twins:
        """The restricted identity at two instances that differ only in what it must not see."""
        one, url = self._caller("restricted"), self._context.twin_url
        if not self._server().canary:
            raise NotApplicable(
                Text(
                    fr="L'application ne contient rien du laboratoire (server.canary n'est pas déclaré) : "
                    "deux mondes n'y sont pas possibles.",
                    en="The application holds nothing of the laboratory (server.canary is not declared): two "
                    "worlds cannot be made there.",
                )
            )
        if not url:
            raise NotShown(
                Text(
                    fr="Pas de seconde instance à comparer : le manifeste n'a pas de section [start].",
                    en="There is no second instance to compare with: the manifest has no section [start].",
                )
            )
        two = FhirClient(url, self._wire, self._token("restricted@two"), name="restricted@two")
        return Twins(one, two)

    def _caller(self, name: str) -> FhirClient:
        server = self._server()
        if server.identity(name) is None:
            # Every application has somebody to confine; the other identities are of those who declare them.
            ending = NotShown if name == "restricted" else NotApplicable
            raise ending(
                Text(
                    fr=f"Le manifeste ne déclare pas d'identité {name} (server.identities).",
                    en=f"The manifest declares no identity {name} (server.identities).",
                )
            )
        return FhirClient(server.base_url, self._wire, self._token(name), name=name)

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
