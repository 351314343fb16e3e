"""Where notifications may be sent, under which headers: to this machine only, never to the server itself.

Spec: http://hl7.org/fhir/R4/subscription.html#safety
"""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from lab.fhir.response import FhirError

LONGEST = 2000
_MOST_HEADERS = 20
_URL = re.compile(
    r"http://(?P<host>127\.0\.0\.1|\[::1\]|localhost)(?::(?P<port>[1-9][0-9]{0,4}))?"
    r"(?:/[A-Za-z0-9._~%!$&'()*+,;=:@/-]*)?(?:\?[A-Za-z0-9._~%!$&'()*+,;=:@/?-]*)?"
)
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\x20-\x7e]*)")
_OF_THE_MESSAGE = frozenset(
    {"connection", "content-length", "content-type", "expect", "host", "keep-alive", "te", "trailer"}
    | {"transfer-encoding", "upgrade", "content-encoding", "proxy-authorization", "proxy-connection"}
)
_HIGHEST_PORT = 65535
_HTTP_PORT = 80


def refused(sentence: str, issue: str = "value") -> FhirError:
    """Return the refusal of a Subscription."""
    return FhirError(422, issue, sentence)


def check_endpoint(url: object, base_url: str) -> str:
    """Return the address to notify.

    Raises:
        FhirError: 422 when it is not on this machine, or is the server's own.
    """
    match = _URL.fullmatch(url) if isinstance(url, str) and len(url) <= LONGEST else None
    port = int(match["port"] or _HTTP_PORT) if match else 0
    if match is None or port > _HIGHEST_PORT:
        raise refused(
            "channel.endpoint must be an http URL on 127.0.0.1, ::1 or localhost: "
            "this laboratory only sends to this machine."
        )
    if port == (urlsplit(base_url).port or _HTTP_PORT):
        raise refused("channel.endpoint is on the port of this server: a notification would cause another.")
    return match[0]


def check_headers(lines: Iterable[object]) -> tuple[tuple[str, str], ...]:
    """Return the headers to send, by name.

    Raises:
        FhirError: 422 when one is no header or says how the message is sent; the sentence holds none of it.
    """
    found = []
    for line in lines:
        match = _HEADER.fullmatch(line) if isinstance(line, str) and len(line) <= LONGEST else None
        if match is None or match[1].lower() in _OF_THE_MESSAGE:
            raise refused(
                "A channel.header must be 'Name: value' in ASCII, and not about the message itself."
            )
        found.append((match[1], match[2].strip()))
    if len(found) > _MOST_HEADERS:
        raise refused(f"channel.header holds at most {_MOST_HEADERS} headers.")
    return tuple(found)


def below(url: str, *segments: str) -> str:
    """Return the address of a resource below an endpoint."""
    parts = urlsplit(url)
    return parts._replace(path="/".join((parts.path.rstrip("/"), *segments))).geturl()
