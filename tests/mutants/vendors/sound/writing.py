"""How an answer goes out: its bytes, and the headers that every answer has.

Spec: RFC 9110 section 8.6 (Content-Length), RFC 9111 section 5.2.2.5 (no-store)
"""

from tests.mutants.vendors.sound.message import Answer, Request

_REASONS = {200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 304: "Not Modified"}


class Writing:
    """Writes answers."""

    def wire(self, answer: Answer, request: Request | None, *, keep: bool) -> bytes:
        """Return an answer as bytes."""
        reason = _REASONS.get(answer.status, "Refused" if answer.status >= 400 else "OK")
        headers = [*self.always(), *answer.headers]
        if answer.body:
            headers.append(("Content-Type", f"{answer.content_type}; charset=utf-8"))
        if answer.status != 204:
            headers.append(("Content-Length", str(len(answer.body))))
        headers.append(("Connection", "keep-alive" if keep else "close"))
        head = f"HTTP/1.1 {answer.status} {reason}\r\n" + "".join(f"{n}: {v}\r\n" for n, v in headers)
        body = b"" if request is not None and request.method == "HEAD" else answer.body
        return head.encode("latin-1") + b"\r\n" + body

    def always(self) -> list[tuple[str, str]]:
        """Return the headers of every answer: nothing may be kept on the way."""
        return [
            ("Cache-Control", "no-store, private"),
            ("Vary", "Authorization"),
            ("X-Content-Type-Options", "nosniff"),
        ]
