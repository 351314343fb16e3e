"""The listener: level 1 on every path, then the page, its state, or the FHIR facade."""

import json
import re
from collections.abc import Callable
from dataclasses import replace

from tableau_urgences.board import Board
from tableau_urgences.events import alert, event
from tableau_urgences.exchange import (
    Receive,
    Refusal,
    Request,
    Response,
    Scope,
    Send,
    body_of,
    fhir_response,
    head_of,
    send_response,
)
from tableau_urgences.facade.consumers import Gate
from tableau_urgences.facade.server import NOWHERE, Facade
from tableau_urgences.hospital.transport import Transport
from tableau_urgences.page import HEADERS, render

PREFIX = "/fhir"
_SINGLE = ("authorization", "content-length", "content-type", "transfer-encoding")
_HOST = re.compile(r"[A-Za-z0-9.\-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?")


class Site:
    """The ASGI application."""

    def __init__(
        self,
        board: Board,
        gate: Gate,
        facade: Facade,
        transport: Transport,
        keys: Callable[[], dict[str, object]],
    ) -> None:
        self._board = board
        self._gate = gate
        self._facade = facade
        self._transport = transport
        self._keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            request = head_of(scope)
            try:
                response = await self._answer(request, receive)
            except Exception as error:  # noqa: BLE001 - a defect of ours must not show its inside
                alert("defect", kind=type(error).__name__)
                response = Refusal(500, "exception", "The request could not be answered.").response()
            await send_response(send, response, head=request.method == "HEAD")

    async def _answer(self, head: Request, receive: Receive) -> Response:
        if not self._gate.is_inside(head.peer, self._gate.consumers.networks):
            event("refused_network")
            return NOWHERE
        try:
            request = await _whole(head, receive)
        except Refusal as refusal:
            return refusal.response()
        if request.path == PREFIX or request.path.startswith(f"{PREFIX}/"):
            return await self._facade.answer(request, request.path.removeprefix(PREFIX))
        return self._screen(request)

    def _screen(self, request: Request) -> Response:
        """Answer the screens of the department; they have a network of their own and no token."""
        if not self._gate.is_inside(request.peer, self._gate.consumers.screens):
            event("refused_network")
            return NOWHERE
        if request.method not in {"GET", "HEAD"}:
            return Response(405, b"", {"allow": "GET, HEAD"})
        return self._shown(request.path)

    def _shown(self, path: str) -> Response:
        match path:
            case "/":
                return Response(200, render(self._board, self._transport.now()).encode(), HEADERS)
            case "/health":
                ready = self._board.ready
                return _json(200 if ready else 503, {"status": "ready" if ready else "starting"})
            case "/jwks.json":
                return self.published()
            case "/state":
                return _json(200, self._state())
            case "/sink":
                return _json(200, {"forwarded": self._facade.passed_on()})
        return self._echo(path)

    def published(self) -> Response:
        """Return our public keys; whoever verifies by them asks again after five minutes."""
        body = json.dumps(self._keys()).encode()
        return Response(200, body, {"content-type": "application/json", "cache-control": "max-age=300"})

    def _echo(self, path: str) -> Response:
        """Return a resource as it was read, exactly: ``/echo/Type/id``."""
        match path.split("/"):
            case ["", "echo", type_, id_] if id_ in self._board.held.get(type_, {}):
                return fhir_response(self._board.held[type_][id_])
        return _json(404, {"error": "not_found"})

    def _state(self) -> dict[str, object]:
        """Return what the board holds, by technical id: enough to see that a record was let go.

        ``patients`` are all those of whom anything is held.
        """
        board = self._board
        return {
            "patients": sorted({*board.held["Patient"], *board.patient_ids()}),
            "last_poll": board.confirmed_at.isoformat() if board.confirmed_at else None,
            "held": {type_: sorted(found) for type_, found in board.held.items()},
            "not_understood": sorted("/".join(record) for record in board.flagged),
            "unavailable": sorted(board.unavailable),
        }


async def _whole(head: Request, receive: Receive) -> Request:
    """Return the request with its body; what two programs could read differently is refused."""
    if not head.is_plain or head.count("host") != 1 or not _HOST.fullmatch(head.header("host")):
        raise Refusal(400, "invalid", "The request is not one that this server reads.")
    if any(head.count(name) > 1 for name in _SINGLE):
        raise Refusal(400, "invalid", "A header that must be single is repeated.")
    return replace(head, body=await body_of(receive))


def _json(status: int, content: dict[str, object]) -> Response:
    return Response(status, json.dumps(content).encode(), {"content-type": "application/json"})
