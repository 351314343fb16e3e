"""How a recorded request is sent again: by ``curl``, or byte by byte where curl would tidy it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from reports.curl import curl, quoted

_ESCAPES = {"\\": "\\\\", "\r": "\\r", "\n": "\\n", "\t": "\\t", "\0": "\\0000"}


def replay(exchange: Mapping[str, Any]) -> str:
    """Return a command for a POSIX shell; secrets are variables to be exported before."""
    facts = exchange.get("facts") or {}
    source = str(facts.get("source") or "")
    if facts.get("raw"):
        return _raw(exchange, source)
    command = curl(exchange)
    return command.replace("curl ", f"curl --interface {quoted(source, {})} ", 1) if source else command


def _raw(exchange: Mapping[str, Any], source: str) -> str:
    """Return the message as ``printf`` writes it, sent by netcat, or by openssl over TLS."""
    parts = urlsplit(exchange["url"])
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    given: dict[str, str] = {}
    # Line by line, so that a secret is named after the header of its own line.
    lines = exchange["request_body"].splitlines(keepends=True)
    message = "".join(quoted(_escaped(line), given) for line in lines) or "''"
    if parts.scheme == "https":
        carrier = f"openssl s_client -quiet -connect {quoted(f'{host}:{port}', {})}"
    else:
        bound = f" -s {quoted(source, {})}" if source else ""
        carrier = f"nc -q 2{bound} {quoted(host, {})} {port}"
    return f"printf '%b' {message} \\\n  | {carrier}"


def _escaped(line: str) -> str:
    return "".join(_ESCAPES.get(character, character) for character in line)
