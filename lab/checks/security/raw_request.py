"""Send a request as bytes, and count the answers that come back on its connection.

Spec: RFC 9112 (HTTP/1.1)
"""

import re
from urllib.parse import urlsplit

from lab.api import Expect, FhirClient, Outgoing, Reply, status_of

_ANSWER = re.compile(rb"HTTP/1\.[01] \d{3}[^\r\n]*\r\n")
_OK = 200


def base_path(client: FhirClient) -> str:
    """Return the path of the base URL."""
    return urlsplit(client.base_url).path


def authority(client: FhirClient) -> str:
    """Return host and port, as the Host header names them."""
    return urlsplit(client.base_url).netloc


def head(
    client: FhirClient,
    line: str,
    *fields: str,
    host: str | None = None,
    token: bool = True,
    close: bool = True,
) -> str:
    """Return the head of a request; ``host`` replaces the Host line, an empty one leaves it out."""
    bearer = client.authorization() if token else ""
    lines = [
        line,
        *([f"Host: {authority(client)}"] if host is None else [host] if host else []),
        "Accept: application/fhir+json",
        *([f"Authorization: {bearer}"] if bearer else []),
        *fields,
        *(["Connection: close"] if close else []),
    ]
    return "\r\n".join([*lines, "", ""])


def sent(client: FhirClient, message: str | bytes, method: str = "GET") -> Reply:
    """Send bytes as they are to the server of a client."""
    raw = message if isinstance(message, bytes) else message.encode()
    url = f"{client.base_url}/metadata"
    bearer = client.authorization()
    headers = (("Authorization", bearer),) if bearer else ()
    return client.wire.send(Outgoing(method, url, headers, source=client.source, raw=raw))


def answers(reply: Reply) -> int:
    """Return how many answers came: those after the first stand in its body."""
    return (1 if reply.status else 0) + len(_ANSWER.findall(reply.body))


def control(client: FhirClient, path: str, expect: Expect) -> Reply:
    """Send a correct request as bytes; skips the check when it does not succeed."""
    reply = sent(client, head(client, f"GET {base_path(client)}/{path} HTTP/1.1"))
    if reply.status != _OK:
        expect.name(reply)
        expect.skip(
            f"La même requête, correcte, envoyée octet par octet n'aboutit pas ({status_of(reply)}).",
            f"The same request, correct, sent byte by byte does not succeed ({status_of(reply)}).",
        )
    return reply
