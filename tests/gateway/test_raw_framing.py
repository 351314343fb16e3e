"""Where one request ends and the next begins: read in one way, or refused with all that follows.

Spec: https://www.rfc-editor.org/rfc/rfc9112#section-6; reference: five-levels, X-01 and X-02.
"""

import pytest
from raw_requests import markers, wires

CHUNKED = "Transfer-Encoding: chunked\r\n"
END = b"0\r\n\r\n"
TWO_READINGS = {
    "CL.TE": (f"Content-Length: {{}}\r\n{CHUNKED}", END),
    "TE.CL": (f"{CHUNKED}Content-Length: 4\r\n", END),
    "TE.TE": (f"{CHUNKED}Transfer-Encoding: xchunked\r\n", END),
    "TE.TE, twice the same": (CHUNKED * 2, END),
    "an unknown coding": ("Transfer-Encoding: xchunked\r\n", END),
    "identity": ("Transfer-Encoding: identity\r\n", END),
    "identity, then chunked": ("Transfer-Encoding: identity, chunked\r\n", END),
    "gzip, then chunked": ("Transfer-Encoding: gzip, chunked\r\n", END),
    "chunked, then identity": ("Transfer-Encoding: chunked, identity\r\n", END),
    "chunked, twice in one": ("Transfer-Encoding: chunked, chunked\r\n", END),
    "an empty coding": ("Transfer-Encoding:\r\n", END),
    "a vertical tab": ("Transfer-Encoding: \x0bchunked\r\n", END),
    "a blank before the colon": ("Transfer-Encoding : chunked\r\n", END),
    "folded": (f"Transfer-Encoding:\r\n chunked\r\n{'Content-Length: 4'}\r\n", END),
    "folded elsewhere": ("X-A: a\r\n b\r\nContent-Length: 0\r\n", b""),
    "a bare LF in the head": ("X-A: a\nContent-Length: 0\r\n", b""),
    "a bare CR in the head": ("X-A: a\rContent-Length: 0\r\n", b""),
    "two lengths": ("Content-Length: 0\r\nContent-Length: 5\r\n", b""),
    "two equal lengths": ("Content-Length: 0\r\nContent-Length: 0\r\n", b""),
    "a list of lengths": ("Content-Length: 0, 0\r\n", b""),
    "a length with a sign": ("Content-Length: +0\r\n", b""),
    "a negative length": ("Content-Length: -1\r\n", b""),
    "a hexadecimal length": ("Content-Length: 0x0\r\n", b""),
    "an empty length": ("Content-Length:\r\n", b""),
    "a length beyond 64 bits": ("Content-Length: 18446744073709551617\r\n", b"a"),
    "a chunk with a prefix": (CHUNKED, b"0x1\r\na\r\n0\r\n\r\n"),
    "a chunk with a sign": (CHUNKED, b"+1\r\na\r\n0\r\n\r\n"),
    "a chunk with a blank": (CHUNKED, b" 1\r\na\r\n0\r\n\r\n"),
    "a chunk beyond 64 bits": (CHUNKED, b"10000000000000001\r\na\r\n0\r\n\r\n"),
    "a chunk longer than it says": (CHUNKED, b"1\r\naaaa\r\n0\r\n\r\n"),
    "chunks with bare LF": (CHUNKED, b"1\na\n0\n\n"),
    "a bare LF in an extension": (CHUNKED, b"1;x\ny\r\na\r\n0\r\n\r\n"),
    "a trailer": (CHUNKED, b"0\r\nX-A: b\r\n\r\n"),
    "a trailer that looks like a header": (CHUNKED, b"0\r\nX-Forwarded-For: 10.0.0.1\r\n\r\n"),
    "a length in a trailer": (CHUNKED, b"0\r\nContent-Length: 5\r\n\r\n"),
}


@pytest.fixture(scope="module", params=["gateway", "token server"])
def wire(request, hospital, callers):
    return wires(hospital, callers["full"].token)[request.param]


@pytest.mark.parametrize("case", TWO_READINGS)
def test_what_can_be_framed_in_two_ways_is_refused_with_all_that_follows(wire, case):
    framing, body = TWO_READINGS[case]
    outer, inner = markers()
    hidden = wire.request(inner)
    raw = wire.post(outer, framing.format(len(body + hidden)), body + hidden)
    heard = wire.send(raw, outer=outer, inner=inner)
    assert heard.refused, heard
    assert heard.statuses == (400,)


def test_chunked_of_http_1_0_is_refused_with_all_that_follows(wire):
    outer, inner = markers()
    head = wire.request(outer, CHUNKED, "POST", "HTTP/1.0")
    heard = wire.send(head + END + wire.request(inner), outer=outer, inner=inner)
    assert heard.refused, heard


@pytest.mark.parametrize("framing", ["Content-Length: {}\r\n", CHUNKED])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_request_in_a_body_is_no_request(wire, method, framing):
    outer, inner = markers()
    hidden = wire.request(inner)
    body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(hidden), hidden) if framing is CHUNKED else hidden
    raw = wire.request(outer, f"Connection: close\r\n{framing.format(len(body))}", method) + body
    heard = wire.send(raw, outer=outer, inner=inner)
    assert len(heard.statuses) == len(heard.outer) == 1
    assert not heard.inner


@pytest.mark.parametrize(
    "body", [b"1;a=b\r\na\r\n0\r\n\r\n", b"01\r\na\r\n00\r\n\r\n", b"1\r\na\r\n0;a\r\n\r\n"]
)
def test_extensions_of_chunks_say_nothing(wire, body):
    outer, inner = markers()
    raw = wire.post(outer, f"Connection: close\r\n{CHUNKED}", body) + wire.request(inner)
    heard = wire.send(raw, outer=outer, inner=inner)
    assert len(heard.statuses) == len(heard.outer) == 1
    assert not heard.inner


def test_two_plain_requests_on_one_connection_are_two(wire):
    outer, inner = markers()
    raw = wire.request(outer) + wire.request(inner, "Connection: close\r\n")
    heard = wire.send(raw, outer=outer, inner=inner)
    assert len(heard.statuses) == 2
    assert (len(heard.outer), len(heard.inner)) == (1, 1)


@pytest.mark.parametrize(
    "more",
    [
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n",
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
    ],
)
def test_no_upgrade_is_made_and_nothing_follows_an_offer_of_one(wire, more):
    outer, inner = markers()
    heard = wire.send(wire.request(outer, more) + wire.request(inner), outer=outer, inner=inner)
    assert heard.statuses == heard.outer == (404,)
    assert heard.closed
    assert not heard.inner


def test_a_trailer_is_never_read_as_a_header(hospital, callers):
    """Without the token in its head, a request has none: a proxy in front looks at heads only."""
    wire = wires(hospital, callers["full"].token)["gateway"]
    host, authorization = wire.headers.splitlines(keepends=True)
    outer, _ = markers()
    head = f"POST /fhir/Patient/_search?_id={outer} HTTP/1.1\r\n{host}Content-Type: {wire.media_type}\r\n"
    heard = wire.send(f"{head}{CHUNKED}\r\n0\r\n{authorization}\r\n".encode(), outer=outer)
    assert heard.refused, heard
