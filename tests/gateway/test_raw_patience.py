"""Connections that say little, slowly, or half: they are ended, and cost the others nothing.

Reference: five-levels, X-07.
"""

import asyncio
import socket
import threading
from contextlib import contextmanager

import pytest
import uvicorn
from raw_requests import markers, wires

from lab.fhir import http
from lab.fhir.http import head_of, read_whole, send_answer
from lab.fhir.response import FhirError, FhirResponse
from lab.fhirserver import http_protocol
from lab.fhirserver.listening import LOOPBACK, bind, settings

SHORT_S = 0.3
HEAD = b"POST /x HTTP/1.1\r\nHost: a\r\n"


async def echo(scope, receive, send):
    """Answer with the body, or with why there is none."""
    try:
        whole = await read_whole(head_of(scope), receive)
        answer = FhirResponse(200, whole.body)
    except FhirError as error:
        answer = error.response()
    await send_answer(send, answer)


@pytest.fixture
def impatient(monkeypatch):
    """A listener of ours that waits for a third of a second only."""
    monkeypatch.setattr(http_protocol, "HEAD_PATIENCE_S", SHORT_S)
    monkeypatch.setattr(http, "BODY_PATIENCE_S", SHORT_S)
    with listening(echo) as address:
        yield address


@contextmanager
def listening(application):
    listener = bind(LOOPBACK, 0)
    server = uvicorn.Server(settings(application))
    ready = threading.Event()

    async def serve():
        task = asyncio.create_task(server.serve(sockets=[listener]))
        ready.set()  # the socket listens already: what connects from now on is served
        await task

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(5)
    try:
        yield listener.getsockname()
    finally:
        server.should_exit = True
        thread.join(10)


def heard(sock):
    said = b""
    while piece := sock.recv(65_536):
        said += piece
    return said


@pytest.mark.parametrize(
    "start",
    [b"", b"\r\n", b"G", b"GET /fhir/metadata\r\n", HEAD, HEAD + b"X-A", HEAD + b"X-A: b"],
)
def test_a_head_that_does_not_end_is_not_waited_for(impatient, start):
    with socket.create_connection(impatient, timeout=5) as sock:
        sock.sendall(start)
        assert heard(sock) == b""


def test_a_second_head_that_does_not_end_is_not_waited_for(impatient):
    with socket.create_connection(impatient, timeout=5) as sock:
        sock.sendall(HEAD + b"Content-Length: 1\r\n\r\na" + HEAD)
        assert heard(sock).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    "start", [b"Content-Length: 9\r\n\r\na", b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n"]
)
def test_a_body_that_does_not_end_is_not_waited_for(impatient, start):
    with socket.create_connection(impatient, timeout=5) as sock:
        sock.sendall(HEAD + start)
        assert heard(sock).startswith(b"HTTP/1.1 408 ")


def test_the_others_are_served_while_some_are_slow(impatient):
    slow = [socket.create_connection(impatient, timeout=5) for _ in range(50)]
    for sock in slow:
        sock.sendall(HEAD)
    with socket.create_connection(impatient, timeout=5) as sock:
        sock.sendall(HEAD + b"Content-Length: 1\r\nConnection: close\r\n\r\na")
        assert heard(sock).startswith(b"HTTP/1.1 200 ")
    for sock in slow:
        assert heard(sock) == b""
        sock.close()


@pytest.fixture(scope="module", params=["gateway", "token server"])
def wire(request, hospital, callers):
    return wires(hospital, callers["full"].token)[request.param]


@pytest.mark.parametrize("framing", ["Content-Length: 10\r\n", "Transfer-Encoding: chunked\r\n"])
def test_a_body_that_is_cut_is_no_body(wire, framing):
    outer, _ = markers()
    heard = wire.send(wire.post(outer, framing, b"5\r\n"), outer=outer, end=True)
    assert heard.outer == (400,)
    assert heard.closed
    assert not set(heard.statuses) - {400}


def test_a_head_that_is_cut_is_no_request(wire):
    outer, _ = markers()
    heard = wire.send(wire.request(outer)[:-2], outer=outer, end=True)
    assert not heard.statuses + heard.outer
    assert heard.closed


def test_a_caller_that_ends_its_half_is_asked_nothing_more(wire):
    outer, inner = markers()
    heard = wire.send(wire.request(outer) + wire.request(inner)[:-2], outer=outer, inner=inner, end=True)
    assert heard.outer == (404,)
    assert not heard.inner
    assert heard.closed


def test_a_caller_that_says_expect_is_told_to_go_on_once(wire):
    outer, _ = markers()
    raw = wire.post(outer, "Expect: 100-continue\r\nContent-Length: 1\r\nConnection: close\r\n", b"a")
    heard = wire.send(raw, outer=outer)
    assert len(heard.outer) == 1
    assert heard.statuses[-1:] == heard.outer
    assert set(heard.statuses[:-1]) <= {100}
