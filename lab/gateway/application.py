"""The gateway as an ASGI application: decide by the five levels, answer on the view, mask, journal.

Order: network, application (and its own network), then the request is parsed, then resource type, cohort,
attributes. The first refusal ends the request; everything is journaled.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime

from lab.authserver.registry import Registration, Registry
from lab.authserver.tokens import Grant, Tokens
from lab.backends.backend import Backend
from lab.fhir.http import AsgiApplication, HttpRequest, Receive, Scope, Send, head_of, read_whole, send_answer
from lab.fhir.interaction import Interaction
from lab.fhir.request import FhirRequest, parse
from lab.fhir.response import FhirError, FhirResponse, outcome
from lab.fhir.strict_json import exact, write
from lab.fhir.view import View
from lab.gateway import bundle, level1_network, level2_application, wellknown
from lab.gateway.act import Act, Script, Stage
from lab.gateway.decision import answer as answer_of
from lab.gateway.decision import refuse
from lab.gateway.mask import masked_lines
from lab.gateway.paging import limited
from lab.gateway.ruling import Ruling, rule_on
from lab.journal.journal import Journal
from lab.journal.redact import Redactor
from lab.model.exchange import Decision

PREFIX = "/fhir"
LABORATORY_HEADER = "x-laboratory"
_LOG = logging.getLogger(__name__)
_PRIVATE = (("cache-control", "no-store, private"), ("vary", "Authorization"))


def _today() -> date:
    return datetime.now(UTC).date()


@dataclass(frozen=True)
class Gateway:
    """What the gateway stands on. ``laboratory_secret`` marks the laboratory's own requests."""

    origin: str
    token_url: str
    introspection_url: str
    backend: Backend
    registry: Registry
    tokens: Tokens
    journal: Journal
    redactor: Redactor
    started: float
    laboratory_secret: str
    decoy_url: str = ""
    scripts: dict[str, Script] = field(default_factory=dict)
    today: Callable[[], date] = _today

    @property
    def base_url(self) -> str:
        """Return the FHIR base of the hospital as applications see it."""
        return f"{self.origin}{PREFIX}"


@dataclass
class _Passage:
    """What is known of one request on its way through, for the journal."""

    answer: FhirResponse = field(default_factory=lambda: FhirResponse(500))
    decision: Decision | None = None
    client: str = ""
    probing: bool = False
    act: str | None = None
    entries: list[Decision] = field(default_factory=list)


def application(gateway: Gateway) -> AsgiApplication:
    """Return the ASGI application of the gateway."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        begun = time.monotonic()
        request = head_of(scope)
        passage = _Passage()
        try:
            passage.decision = _network(gateway, request)
            if not passage.decision.allow:
                passage.answer = answer_of(passage.decision)
            else:
                request = await read_whole(request, receive)
                await _pass(gateway, request, passage)
        except FhirError as error:
            passage.answer = error.response()
        except Exception:  # noqa: BLE001 - the caller gets a constant answer, and the journal its line
            _LOG.exception("A request failed.")
            passage.answer = outcome(500, "exception", "The platform failed to answer.")
        for name, value in _PRIVATE:
            passage.answer = passage.answer.with_header(name, value)
        _record(gateway, request, passage, begun)
        await send_answer(send, passage.answer, head=request.method == "HEAD")

    return app


def _network(gateway: Gateway, request: HttpRequest) -> Decision:
    """Decide on the peer before any token is read: some enabled application must be allowed from there."""
    networks = [network for policy in gateway.registry.policies() for network in policy.networks]
    return level1_network.decide(request.peer, networks)


async def _pass(gateway: Gateway, request: HttpRequest, passage: _Passage) -> None:
    if request.path == f"{PREFIX}/.well-known/smart-configuration":
        passage.answer = wellknown.smart_configuration(gateway.token_url, gateway.introspection_url)
        return
    if request.path == f"{PREFIX}/metadata":
        parsed = _parsed(gateway, request)
        passage.answer = await gateway.backend.answer(parsed, View(binding="public"))
        return
    if request.path != PREFIX and not request.path.startswith(f"{PREFIX}/"):
        raise FhirError(404, "not-found", "Nothing is served here.")
    decision, grant, registration = level2_application.decide(
        request.header("authorization"), gateway.tokens, gateway.registry
    )
    passage.decision = decision
    if grant is None or registration is None:
        passage.answer = answer_of(decision)
        return
    passage.client, passage.probing = grant.client_id, grant.probing
    passage.decision = level1_network.decide(request.peer, registration.policy.networks)
    if not passage.decision.allow:
        passage.answer = answer_of(passage.decision)
        return
    parsed = _parsed(gateway, request)
    if registration.page_limit and not grant.probing:
        parsed = limited(parsed, registration.page_limit)
    act = None if grant.probing else _act(gateway, grant, parsed)
    stage = Stage(grant.client_id, gateway.tokens, gateway.decoy_url)
    if act is not None and act.instead is not None:
        _played(gateway, grant, act, passage)
        passage.answer = act.instead(stage)
        return
    passage.answer, passage.decision = await _serve(gateway, parsed, grant, registration, passage.entries)
    if act is not None and act.after is not None:
        changed = act.after(stage, passage.answer)
        if changed is not None:
            _played(gateway, grant, act, passage)
            passage.answer = changed


def _parsed(gateway: Gateway, request: HttpRequest) -> FhirRequest:
    return parse(
        request.method,
        request.path.removeprefix(PREFIX),
        request.query,
        request.by_name,
        request.body,
        base_url=gateway.base_url,
    )


async def _serve(
    gateway: Gateway,
    request: FhirRequest,
    grant: Grant,
    registration: Registration,
    decided: list[Decision],
) -> tuple[FhirResponse, Decision]:
    """Decide levels 3 to 5, then answer; what is decided of the entries of a batch goes to ``decided``."""
    if request.interaction is Interaction.BATCH:

        async def serve_entry(entry: FhirRequest) -> FhirResponse:
            answer, decision = await _serve(gateway, entry, grant, registration, decided)
            decided.append(decision)
            return answer

        answer = await bundle.answer_batch(request, serve_entry)
        return answer, Decision(3, allow=True, rule="batch", reason="each entry decided on its own")
    whole = request.interaction is Interaction.TRANSACTION
    asked = (request, *bundle.entries(request)) if whole else (request,)
    reads = [read for one in asked for read in bundle.on_the_way(one)]
    reads += bundle.conditional_references(request) if whole else ()
    ruling = rule_on((*asked, *reads), grant, registration, gateway.today())
    if not ruling.decision.allow:
        return answer_of(ruling.decision), ruling.decision
    answer = await gateway.backend.answer(request, ruling.view)
    if answer.status in {403, 404, 410} and ruling.decision.level >= 4:
        reason = "outside the cohort, or unknown" if answer.status != 403 else "would leave the cohort"
        return answer, refuse(4, ruling.cohort_rule, reason)
    return _masked(answer, ruling), ruling.decision


def _masked(answer: FhirResponse, ruling: Ruling) -> FhirResponse:
    if ruling.masks and answer.chunks is not None:
        return replace(answer, chunks=masked_lines(answer.chunks, ruling.mask))
    if not ruling.masks or not answer.body:
        return answer
    return FhirResponse(answer.status, write(ruling.mask(exact(answer.body))), answer.headers)


def _act(gateway: Gateway, grant: Grant, request: FhirRequest) -> Act | None:
    script = gateway.scripts.get(grant.client_id)
    return script.next(request) if script else None


def _played(gateway: Gateway, grant: Grant, act: Act, passage: _Passage) -> None:
    gateway.scripts[grant.client_id].played(act)
    passage.act = act.name


def _record(gateway: Gateway, request: HttpRequest, passage: _Passage, begun: float) -> None:
    ours = passage.probing or request.header(LABORATORY_HEADER) == gateway.laboratory_secret
    headers = tuple(pair for pair in request.headers if pair[0] != LABORATORY_HEADER)
    url = f"{gateway.origin}{request.path}" + (f"?{request.query}" if request.query else "")
    answer = passage.answer
    facts: dict[str, object] = {"peer": request.peer}
    if passage.entries:
        facts["entries"] = [asdict(decision) for decision in passage.entries]
    if answer.chunks is not None:
        facts["streamed"] = True
    gateway.journal.record(
        t=round(begun - gateway.started, 4),
        actor="laboratory" if ours else "application",
        client=passage.client,
        method=request.method,
        url=gateway.redactor.url(url),
        request_headers=gateway.redactor.headers(headers),
        request_body=gateway.redactor.body(request.body, request.header("content-type")),
        status=answer.status,
        response_headers=gateway.redactor.headers(answer.headers),
        response_body=gateway.redactor.body(answer.body, "application/json"),
        latency_ms=round((time.monotonic() - begun) * 1000, 3),
        act=passage.act,
        decision=passage.decision,
        facts=facts,
    )
