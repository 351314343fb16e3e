"""Change requests on their way in, or ask the application something before it answers."""

from collections.abc import Awaitable, Callable

from lab.fhir.http import AsgiApplication, Receive, Scope, Send

Answer = tuple[int, dict[bytes, bytes], bytes]
Ask = Callable[..., Awaitable[Answer]]
WHO = frozenset({b"host", b"authorization", b"x-laboratory"})
"""The headers that say who asks, and whom."""


def changed(application: AsgiApplication, change: Callable[[Scope], Scope | None]) -> AsgiApplication:
    """Return the application that is given each HTTP request as ``change`` leaves it, None for as it came."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        other = change(scope) if scope["type"] == "http" else None
        await application(other or scope, receive, send)

    return wrapped


def without(scope: Scope, *names: bytes) -> Scope:
    """Return the request without those headers."""
    return {**scope, "headers": [pair for pair in scope["headers"] if pair[0].lower() not in names]}


def header(scope: Scope, name: bytes) -> bytes | None:
    """Return a header of the request."""
    return next((value for key, value in scope["headers"] if key.lower() == name), None)


def asking(application: AsgiApplication, scope: Scope) -> Ask:
    """Return a way to ask the application something else in the name of who sent the request."""

    async def ask(method: str, path: str, query: bytes = b"", headers: list | None = None) -> Answer:
        kept = [pair for pair in scope["headers"] if pair[0].lower() in WHO]
        told = {**scope, "method": method, "path": path, "raw_path": path.encode(), "query_string": query}
        told["headers"] = [*kept, *(headers or [])]
        heads: list = []
        body = b""

        async def nothing() -> dict:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def keep(message: dict) -> None:
            nonlocal body
            if message["type"] == "http.response.start":
                heads.append(message)
            else:
                body += message.get("body", b"")

        await application(told, nothing, keep)
        return heads[0]["status"], dict(heads[0]["headers"]), body

    return ask


async def answer(send: Send, status: int, body: bytes = b"", *headers: tuple[bytes, bytes]) -> None:
    """Answer in the place of the application."""
    lines = [*headers, (b"content-type", b"application/fhir+json; charset=utf-8")]
    lines.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": lines})
    await send({"type": "http.response.body", "body": body})
