"""Wrap an ASGI application so that some of its answers are changed on their way out."""

from collections.abc import Callable

from lab.fhir.http import AsgiApplication, Receive, Scope, Send

Answer = tuple[int, list[tuple[bytes, bytes]], bytes]


def rewrite(
    application: AsgiApplication, when: Callable[[Scope], bool], change: Callable[[Answer], Answer]
) -> AsgiApplication:
    """Return the application with the answers to the chosen requests changed."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not when(scope):
            await application(scope, receive, send)
            return
        heads: list = []
        body = b""

        async def keep(message: dict) -> None:
            nonlocal body
            if message["type"] == "http.response.start":
                heads.append(message)
            else:
                body += message.get("body", b"")

        await application(scope, receive, keep)
        status, headers, changed = change((heads[0]["status"], list(heads[0]["headers"]), body))
        headers = [(name, value) for name, value in headers if name != b"content-length"]
        headers.append((b"content-length", str(len(changed)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else changed})

    return wrapped
