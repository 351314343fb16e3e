"""HTTP over real sockets: reuse, local address, limits and every way an answer can fail."""

import socket
import time

import pytest
from load_hospital import hospital
from wire_peers import WHOLE, get, scripted

from lab.load.request import Ask
from lab.load.wire import Wire


def test_a_connection_is_used_again(one):
    with scripted([WHOLE, WHOLE, WHOLE]) as (url, peers):
        assert [get(one, f"{url}/{i}").body for i in range(3)] == [b"{}"] * 3
        assert len(peers) == 1


def test_an_idle_connection_closed_by_the_server_costs_no_error(one):
    with scripted([WHOLE], [WHOLE]) as (url, peers):
        assert get(one, url).status == 200
        assert get(one, url).status == 200
        assert len(peers) == 2


def test_a_request_that_may_not_be_sent_twice_gets_a_fresh_connection(one):
    with scripted([WHOLE], [WHOLE]) as (url, peers):
        assert get(one, url).status == 200
        assert get(one, url, method="POST").status == 200
        assert len(peers) == 2


def test_a_request_leaves_from_the_address_asked_for(one):
    with scripted([WHOLE], [WHOLE]) as (url, peers):
        get(one, url, source="127.0.0.2")
        get(one, url, source="127.0.0.3")
        assert peers == ["127.0.0.2", "127.0.0.3"]


@pytest.mark.parametrize(
    ("raw", "failure"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort", "IncompleteRead"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nsho", "IncompleteRead"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", "body too large"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5000, "body too large"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n??", "body compressed"),
        (b"nonsense\r\n\r\n", "BadStatusLine"),
        (b"", "connection lost"),
    ],
)
def test_half_an_answer_is_a_failure_and_its_connection_is_not_used_again(one, raw, failure):
    with scripted([raw], [WHOLE]) as (url, peers):
        assert get(one, url).failure.startswith(failure)
        assert get(one, url).body == b"{}"
        assert len(peers) == 2


def test_a_chunked_answer_is_read_whole(one):
    raw = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    with scripted([raw, raw]) as (url, peers):
        assert [get(one, url).body, get(one, url).body] == [b"{}", b"{}"]
        assert len(peers) == 1


def test_a_silent_server_is_a_timeout():
    with hospital(latency_s=1.0) as server:
        began = time.perf_counter()
        answer = get(Wire(timeout_s=0.2, body_cap=1000), f"{server.base_url}/open/metadata")
        assert (answer.status, answer.failure) == (0, "timeout")
        assert time.perf_counter() - began < 0.9


def test_a_dead_server_refuses_the_connection(one):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert get(one, f"http://127.0.0.1:{port}/").failure == "connection refused"


def test_nothing_of_a_path_or_a_header_ends_a_line():
    ask = Ask.of("GET", "http://127.0.0.1:1/Patient/é x\r\nHost: y", {}, None)
    assert ask.encoded.startswith(b"GET /Patient/%C3%A9%20x")
    assert ask.encoded.count(b"\r\n") == 3
    with pytest.raises(ValueError, match="no request line or header may"):
        _ = Ask.of("GET", "http://127.0.0.1:1/", {"X": "a\r\nY: b"}, None).encoded
    assert "secret" not in repr(Ask.of("GET", "http://127.0.0.1:1/", {"Authorization": "secret"}, None))
