"""The gateway as an ASGI application: decide by the five levels, answer on the view, mask, journal.

Order: network, application (and its own network), then the request is parsed, then resource type, cohort,
attributes. The first refusal ends the request; everything is journaled.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime

from lab.audit.trail import Trail
from lab.authserver.conduct import Conduct
from lab.authserver.rate_limit import RateLimits
from lab.authserver.registry import Registration, Registry
from lab.authserver.state import StateUnavailableError
from lab.authserver.tokens import Grant, Tokens
from lab.backends.backend import Backend
from lab.fhir.client_certificate import thumbprint
from lab.fhir.element_path import ElementPath
from lab.fhir.forwarding import caller
from lab.fhir.http import AsgiApplication, HttpRequest, Receive, Scope, Send, head_of, read_whole, send_answer
from lab.fhir.policy import Network
from lab.fhir.request import FhirRequest, parse
from lab.fhir.response import FhirError, FhirResponse, outcome
from lab.fhir.view import View
from lab.gateway import level1_network, level2_application, wellknown
from lab.gateway.act import Act, Script, Stage
from lab.gateway.answered import patient_ids
from lab.gateway.auditing import check, trace
from lab.gateway.decision import answer as answer_of
from lab.gateway.decision import refuse, too_many
from lab.gateway.declared import declared
from lab.gateway.paging import limited
from lab.gateway.passage import Passage
from lab.gateway.serving import Service
from lab.gateway.windows import DOWN, Windows, gone
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
    """What the gateway stands on. ``laboratory_secret`` marks the laboratory's own requests.

    ``proxies`` are the networks whose forwarding headers are believed; ``mutual_tls`` says that the listener
    asks for client certificates. Without a ``trail`` nothing is audited: only for proofs in one process.
    """

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
    conducts: dict[str, Conduct] = field(default_factory=dict)
    today: Callable[[], date] = _today
    revocation_url: str = ""
    proxies: tuple[Network, ...] = ()
    limits: RateLimits = field(default_factory=RateLimits)
    mutual_tls: bool = False
    trail: Trail | None = None
    windows: Windows = field(default_factory=Windows)

    @property
    def base_url(self) -> str:
        """Return the FHIR base of the hospital as applications see it."""
        return f"{self.origin}{PREFIX}"


def application(gateway: Gateway) -> AsgiApplication:
    """Return the ASGI application of the gateway."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        begun = time.monotonic()
        head = head_of(scope)
        peer = caller(head.peer, head.headers, gateway.proxies)
        request = head if peer == head.peer else replace(head, peer=peer)
        passage = Passage(certificate=thumbprint(scope))
        passage.proxy = head.peer if head.peer != request.peer else ""
        try:
            passage.decision = _network(gateway, request)
            if gateway.windows.fault(begun) == DOWN:
                passage.answer, passage.act = gone(), DOWN
            elif not passage.decision.allow:
                passage.answer = answer_of(passage.decision)
            else:
                check(gateway.trail)
                request = await read_whole(request, receive)
                await _pass(gateway, request, passage)
        except FhirError as error:
            passage.answer = error.response()
        except StateUnavailableError as error:
            _LOG.exception("A request could not be decided.")
            passage.decision = refuse(2, "state", str(error))
            passage.answer = outcome(503, "transient", "The platform cannot decide now.")
        except Exception:  # noqa: BLE001 - the caller gets a constant answer, and the journal its line
            _LOG.exception("A request failed.")
            passage.answer = outcome(500, "exception", "The platform failed to answer.")
        passage.answer = _traced(gateway, request, passage)
        passage.answer = passage.answer.with_headers(*_PRIVATE)
        _record(gateway, request, passage, begun)
        await send_answer(send, passage.answer, head=request.method == "HEAD")

    return app


def _network(gateway: Gateway, request: HttpRequest) -> Decision:
    """Decide on the peer before any token is read: some enabled application must be allowed from there."""
    return level1_network.decide(request.peer, gateway.registry.networks())


async def _pass(gateway: Gateway, request: HttpRequest, passage: Passage) -> None:
    if request.path == f"{PREFIX}/.well-known/smart-configuration":
        passage.answer = wellknown.smart_configuration(
            gateway.token_url,
            gateway.introspection_url,
            revocation_url=gateway.revocation_url,
            mutual_tls=gateway.mutual_tls,
        )
        return
    if request.path == f"{PREFIX}/metadata":
        passage.parsed = parsed = _parsed(gateway, request)
        answer = await gateway.backend.answer(parsed, View(binding="public"))
        passage.answer = declared(answer, _masks_of(gateway, request))
        return
    if request.path != PREFIX and not request.path.startswith(f"{PREFIX}/"):
        raise FhirError(404, "not-found", "Nothing is served here.")
    known = _application(gateway, request, passage)
    if known is None:
        return
    grant, registration = known
    passage.parsed = parsed = _parsed(gateway, request)
    if registration.page_limit and not grant.probing:
        parsed = limited(parsed, registration.page_limit)
    service = Service(gateway.backend, grant, registration, gateway.today, passage.entries)
    fault = None if grant.probing else gateway.windows.act(time.monotonic())
    script = None if grant.probing else gateway.scripts.get(grant.client_id)
    if fault is not None:
        stage = Stage(grant.client_id, gateway.tokens, gateway.decoy_url, parsed)
        await _spoilt(fault, stage, service, passage)
    elif script is None:
        passage.answer, passage.decision = await service.serve(parsed)
    else:
        stage = Stage(
            grant.client_id,
            gateway.tokens,
            gateway.decoy_url,
            parsed,
            script.known,
            script.cast,
            gateway.conducts,
        )
        await _played_to(script, stage, service, passage)


async def _spoilt(fault: Act, stage: Stage, service: Service, passage: Passage) -> None:
    """Answer an application within a window of faults."""
    passage.act = fault.name
    if fault.instead is not None:
        passage.answer = fault.instead(stage)
        return
    passage.answer, passage.decision = await service.serve(stage.request)
    if fault.after is not None:
        passage.answer = fault.after(stage, passage.answer) or passage.answer


async def _played_to(script: Script, stage: Stage, service: Service, passage: Passage) -> None:
    """Answer an application that is being watched: the act that is due, or the platform, as acts leave it."""
    script.undone(stage)
    act = script.next(stage.request)
    if act is not None and act.instead is not None:
        _played(script, act, passage)
        passage.answer = act.instead(stage)
        return
    answer, passage.decision = await service.serve(stage.request)
    passage.answer = script.changed(stage, answer)
    if act is not None and act.after is not None:
        changed = act.after(stage, passage.answer)
        if changed is None:
            script.declined(act)
        else:
            _played(script, act, passage)
            passage.answer = changed
    script.given(patient_ids(passage.answer))


def _masks_of(gateway: Gateway, request: HttpRequest) -> tuple[ElementPath, ...]:
    """Return the masks of who asks for what everybody may ask for; none without a token in force."""
    _, _, registration = level2_application.decide(
        request.header("authorization"), gateway.tokens, gateway.registry
    )
    return registration.policy.masks if registration else ()


def _application(
    gateway: Gateway, request: HttpRequest, passage: Passage
) -> tuple[Grant, Registration] | None:
    """Decide level 2, and level 1 again on the application's own network; None when one of them refuses."""
    passage.decision, grant, registration = level2_application.decide(
        request.header("authorization"), gateway.tokens, gateway.registry
    )
    if grant is None or registration is None:
        passage.answer = answer_of(passage.decision)
        return None
    passage.client, passage.probing, passage.registration = grant.client_id, grant.probing, registration
    passage.decision = level2_application.possession(grant, registration, passage.certificate)
    if passage.decision.allow:
        passage.decision = level1_network.decide(request.peer, registration.policy.networks)
    if not passage.decision.allow:
        passage.answer = answer_of(passage.decision)
        return None
    passage.decision, wait = level2_application.within_rate(grant, registration, gateway.limits)
    if not passage.decision.allow:
        passage.answer = too_many(wait)
        return None
    return grant, registration


def _parsed(gateway: Gateway, request: HttpRequest) -> FhirRequest:
    return parse(
        request.method,
        request.path.removeprefix(PREFIX),
        request.query,
        request.by_name,
        request.body,
        base_url=gateway.base_url,
    )


def _played(script: Script, act: Act, passage: Passage) -> None:
    script.played(act)
    passage.act = act.name
    passage.about = script.cast.get(act.name, "")


def _is_ours(gateway: Gateway, request: HttpRequest, passage: Passage) -> bool:
    return passage.probing or request.header(LABORATORY_HEADER) == gateway.laboratory_secret


def _traced(gateway: Gateway, request: HttpRequest, passage: Passage) -> FhirResponse:
    """Return the answer to send once what was decided is in the audit."""
    ours = _is_ours(gateway, request, passage)
    return trace(gateway.trail, gateway.redactor, request, passage, gateway.base_url, laboratory=ours)


def _record(gateway: Gateway, request: HttpRequest, passage: Passage, begun: float) -> None:
    ours = _is_ours(gateway, request, passage)
    headers = tuple(pair for pair in request.headers if pair[0] != LABORATORY_HEADER)
    url = f"{gateway.origin}{request.path}" + (f"?{request.query}" if request.query else "")
    answer = passage.answer
    facts: dict[str, object] = {"peer": request.peer}
    if passage.proxy:
        facts["proxy"] = passage.proxy
    if passage.about:
        facts["about"] = passage.about
    if passage.entries:
        facts["entries"] = [asdict(entry.decision) for entry in passage.entries]
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
