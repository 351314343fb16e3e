"""Where an answer ends: what leaves a doubt is a failure and never a wait, what the protocol allows is read.

Spec: RFC 9112, https://www.rfc-editor.org/rfc/rfc9112
"""

import time

import pytest
from wire_peers import WHOLE, dripping, get, scripted

from lab.load.wire import Wire

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
FLOOD = b"HTTP/1.1 200 OK\r\n" + b"X-Flood: y\r\n" * 9000


@pytest.mark.parametrize(
    ("raw", "status", "failure"),
    [
        (CHUNKED + b"Content-Length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 200, "both a length and chunks"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
            200,
            "no sound Content-Length",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\n{}", 200, "no sound Content-Length"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n{}", 200, "no sound Content-Length"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\n{}", 200, "no sound Content-Length"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0x2\r\n\r\n{}", 200, "no sound Content-Length"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 40 + b"\r\n\r\n{}", 200, "no sound Content-Length"),
        (b"HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\n{}", 200, "malformed header"),
        (b"HTTP/1.1 200 OK\r\nX: a\r\n folded\r\nContent-Length: 2\r\n\r\n{}", 200, "malformed header"),
        (b"HTTP/1.1 200 OK\r\nX: a\rb\r\nContent-Length: 2\r\n\r\n{}", 200, "malformed header"),
        (b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}", 200, "malformed header"),
        (b"HTTP/1.1 20 OK\r\n\r\n", 0, "BadStatusLine"),
        (b"HTTP/2 200 OK\r\n\r\n", 0, "BadStatusLine"),
        (
            b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            200,
            "no sound Transfer-Encoding",
        ),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 200, "no sound Transfer-Encoding"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n", 200, "no sound Transfer-Encoding"),
        (CHUNKED + b"\r\n2g\r\n{}\r\n0\r\n\r\n", 200, "no sound chunk"),
        (CHUNKED + b"\r\n-2\r\n{}\r\n0\r\n\r\n", 200, "no sound chunk"),
        (CHUNKED + b"\r\n2\r\n{}xx0\r\n\r\n", 200, "no sound chunk"),
        (CHUNKED + b"\r\nfffffffff\r\n{}", 200, "no sound chunk"),
        (CHUNKED + b"\r\n" + b"0" * 5000, 200, "no sound chunk"),
        (CHUNKED + b"\r\nffffff\r\n{}", 200, "body too large"),
        (CHUNKED + b"\r\n2\r\n{}\r\n0\r\n" + b"X: y\r\n" * 12000, 200, "headers too large"),
        (CHUNKED + b"\r\n2\r\n{}\r\n0\r\nX: y", 200, "IncompleteRead"),
        (FLOOD + b"\r\n", 200, "headers too large"),
        (FLOOD, 200, "headers too large"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000, 200, "headers too large"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 50, 100, "unexpected interim answer"),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n", 101, "unexpected interim answer"),
        (b"HTTP/1.1 103 Early Hints\r\n\r\n", 0, "IncompleteRead"),
    ],
)
def test_an_answer_that_leaves_a_doubt_is_a_failure_and_never_a_wait(one, raw, status, failure):
    with scripted([raw], [WHOLE]) as (url, peers):
        began = time.perf_counter()
        answer = get(one, url)
        assert (answer.status, answer.failure, answer.body) == (status, failure, b"")
        assert time.perf_counter() - began < 4
        assert get(one, url).body == b"{}"
        assert len(peers) == 2


@pytest.mark.parametrize(
    ("raw", "status", "body"),
    [
        (b"HTTP/1.1 100 Continue\r\n\r\n" + WHOLE, 200, b"{}"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n" + WHOLE, 200, b"{}"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\n", 304, b""),
        (b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n", 302, b""),
        (b"HTTP/1.1 200\r\ncontent-length:2\r\n\r\n{}", 200, b"{}"),
        (b"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 2\r\n\r\n{}", 200, b"{}"),
        (CHUNKED + b"\r\n1;name=value\r\n{\r\n1 \r\n}\r\n0\r\nX-Trailer: y\r\n\r\n", 200, b"{}"),
        (CHUNKED + b"\r\n0\r\n\r\n", 200, b""),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\nContent-Length: 2\r\n\r\n{}", 200, b"{}"),
    ],
)
def test_what_the_protocol_allows_is_read_and_the_connection_used_again(one, raw, status, body):
    with scripted([raw, WHOLE]) as (url, peers):
        assert get(one, url) == (status, body, "")
        assert get(one, url).body == b"{}"
        assert len(peers) == 1


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        b"HTTP/1.1 200 OK\r\n\r\n{}",
        WHOLE + WHOLE,  # an answer to nothing: it must not answer what is asked next
        CHUNKED + b"\r\n2\r\n{}\r\n0\r\n\r\n" + WHOLE,
    ],
)
def test_a_whole_answer_after_which_the_connection_is_not_used_again(one, raw):
    with scripted([raw], [WHOLE]) as (url, peers):
        assert get(one, url) == (200, b"{}", "")
        assert get(one, url).body == b"{}"
        assert len(peers) == 2


@pytest.mark.parametrize("piece", [1, 7, 40])
@pytest.mark.parametrize(
    "raw", [WHOLE, CHUNKED + b"\r\n2\r\n{}\r\n0\r\n\r\n", b"HTTP/1.1 103 E\r\n\r\n" + WHOLE]
)
def test_an_answer_in_pieces_is_the_same_answer(one, raw, piece):
    with dripping([raw[at : at + piece] for at in range(0, len(raw), piece)], 0.001) as url:
        assert get(one, url) == (200, b"{}", "")


def test_a_server_that_drips_is_over_at_the_deadline_whatever_it_sends():
    wire = Wire(timeout_s=0.5, body_cap=1000)
    with dripping([b"HTTP/1.1 200 OK\r\n", *[b"X: y\r\n"] * 100], 0.05) as url:
        began = time.perf_counter()
        assert get(wire, url) == (0, b"", "timeout")
        assert time.perf_counter() - began < 3
    with dripping([b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", *[b"x"] * 100], 0.05) as url:
        assert get(wire, url) == (200, b"", "timeout")


def test_a_connection_lost_in_the_middle_is_not_asked_again(one):
    with scripted([WHOLE, b"HTTP/1.1 200 OK\r\nContent-Le"], [WHOLE]) as (url, peers):
        assert get(one, url).status == 200
        assert get(one, url).failure == "IncompleteRead"
        assert len(peers) == 1
        assert get(one, url).status == 200
