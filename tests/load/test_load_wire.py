"""HTTP over real sockets: reuse, local address, limits and every way an answer can fail."""

import socket
import ssl
import threading
import time
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from load_hospital import hospital

from lab.load.request import Ask
from lab.load.wire import Wire

WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


@contextmanager
def scripted(*connections):
    """Serve each connection with its list of raw answers, one per request, then close it."""
    peers = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        for answers in connections:
            connection, peer = listener.accept()
            peers.append(peer[0])
            with connection:
                for answer in answers:
                    received = b""
                    while b"\r\n\r\n" not in received:
                        received += connection.recv(65536)
                    connection.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", peers
        thread.join(timeout=5)
    assert not thread.is_alive()


def get(wire, url, *, source=None, method="GET"):
    return wire.exchange(Ask.of(method, url, {}, None, source))


@pytest.fixture
def one():
    """One pool of connections."""
    wire = Wire(timeout_s=5.0, body_cap=1000)
    yield wire
    wire.close()


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


@contextmanager
def dripping(pieces, pause_s):
    """Serve one connection with pieces of an answer, one by one."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.recv(65536)
            for piece in pieces:
                connection.sendall(piece)
                time.sleep(pause_s)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(timeout=10)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate of 127.0.0.1, good for a day, and its key, as files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    (folder / "cert.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return folder


def test_tls_is_spoken_to_who_is_trusted_and_to_nobody_else(one, certificate, monkeypatch):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")
    served = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        for _ in range(2):
            with suppress(OSError):
                connection, _ = listener.accept()
                with context.wrap_socket(connection, server_side=True) as secured:
                    for _ in range(2):
                        served.append(secured.recv(65536))
                        secured.sendall(WHOLE)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    url = f"https://127.0.0.1:{listener.getsockname()[1]}/x"
    with listener:
        assert get(one, url).failure == "SSLCertVerificationError"
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))
        trusting = Wire(timeout_s=5.0, body_cap=1000)
        assert [get(trusting, url).body, get(trusting, url).body] == [b"{}", b"{}"]
        trusting.close()
        thread.join(timeout=5)
    assert [one[:15] for one in served] == [b"GET /x HTTP/1.1"] * 2


def test_nothing_of_a_path_or_a_header_ends_a_line():
    ask = Ask.of("GET", "http://127.0.0.1:1/Patient/é x\r\nHost: y", {}, None)
    assert ask.encoded.startswith(b"GET /Patient/%C3%A9%20x")
    assert ask.encoded.count(b"\r\n") == 3
    with pytest.raises(ValueError, match="no request line or header may"):
        _ = Ask.of("GET", "http://127.0.0.1:1/", {"X": "a\r\nY: b"}, None).encoded
    assert "secret" not in repr(Ask.of("GET", "http://127.0.0.1:1/", {"Authorization": "secret"}, None))
