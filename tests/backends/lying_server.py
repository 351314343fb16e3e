"""A server that answers what a test tells it to: an ASGI application on a port of its own."""

import asyncio
import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson
import uvicorn

from lab.fhirserver.listening import LOOPBACK, bind, settings

JSON = "application/fhir+json; charset=utf-8"


@dataclass(frozen=True)
class Said:
    """An answer; ``declared`` is the length it claims, ``silent`` never comes."""

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("content-type", JSON),)
    declared: int | None = None
    silent: bool = False
    cut: int | None = None


def json(resource: Any, **more: Any) -> Said:
    return Said(orjson.dumps(resource), **more)


def known(id_: str, **more: Any) -> dict[str, Any]:
    """A Patient as a server tells it."""
    return {"resourceType": "Patient", "id": id_, "meta": {"versionId": "1"}, "gender": "male", **more}


def bundle(*resources: dict[str, Any], **more: Any) -> dict[str, Any]:
    entries = [{"resource": r, "search": {"mode": "match"}} for r in resources]
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries, **more}


@dataclass
class Liar:
    """``answers`` by method and path below the base; ``asked`` is what came."""

    base: str
    answers: dict[str, Said | Callable[[dict[str, str]], Said]] = field(default_factory=dict)
    asked: list[tuple[str, list[tuple[str, str]]]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    async def __call__(self, scope, receive, send) -> None:
        """Answer one request."""
        message = await receive()
        body = message.get("body", b"")
        while message.get("more_body"):
            message = await receive()
            body += message.get("body", b"")
        path = scope["path"].removeprefix("/fhir")
        query = scope["query_string"].decode()
        form = parse_qsl(query, keep_blank_values=True)
        if path.endswith("/_search"):
            form += parse_qsl(body.decode(), keep_blank_values=True)
        name = f"{scope['method']} {path}"
        self.asked.append((name, form))
        self.headers.append({key.decode(): value.decode() for key, value in scope["headers"]})
        found = self.answers.get(f"{name}?{query}") or self.answers.get(name) or Said(status=404)
        await _send(found(dict(form)) if callable(found) else found, receive, send)


async def _send(said: Said, receive, send) -> None:
    if said.silent:
        while (await receive())["type"] != "http.disconnect":
            pass
        return
    headers = [(key.encode(), value.encode()) for key, value in said.headers]
    if said.declared is not None:
        headers.append((b"content-length", str(said.declared).encode()))
    await send({"type": "http.response.start", "status": said.status, "headers": headers})
    if said.cut is None:
        await send({"type": "http.response.body", "body": said.body})
        return
    await send({"type": "http.response.body", "body": said.body[: said.cut], "more_body": True})
    with contextlib.suppress(asyncio.CancelledError):
        while (await receive())["type"] != "http.disconnect":  # the rest never comes
            pass


@contextlib.contextmanager
def lying() -> Iterator[Liar]:
    """Run a liar for the length of a block."""
    with bind(LOOPBACK, 0) as listener:
        liar = Liar(f"http://{LOOPBACK}:{listener.getsockname()[1]}/fhir")
        config = settings(liar)
        config.log_level = "critical"
        config.configure_logging()
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield liar
        finally:
            server.should_exit = server.force_exit = True
            thread.join(timeout=10)
