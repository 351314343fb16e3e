"""A recorded request can be sent again: raw bytes as they were, from the address that they came from."""

import socket
import subprocess
import threading

import pytest

from reports.replay import replay

_RAW = (
    "GET /fhir/%2e%2e HTTP/1.1\r\nHost: x\r\n folded: 1\r\nAuthorization: Bearer h:0123456789ab\r\n\r\n"
    "\\0\x00'$HOME"
)


@pytest.fixture
def listener():
    """Keep what one connection sends."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        received = []

        def accept():
            connection, _ = server.accept()
            with connection:
                connection.settimeout(5)
                data = b""
                while not data.endswith(b"$HOME") and (chunk := connection.recv(4096)):
                    data += chunk
                received.append(data)

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield server.getsockname()[1], thread, received


def test_raw_bytes_are_sent_as_they_were(listener, tmp_path):
    port, thread, received = listener
    exchange = {"url": f"http://127.0.0.1:{port}/fhir", "request_body": _RAW, "facts": {"raw": True}}
    command = replay(exchange)
    netcat = tmp_path / "nc"  # the one that this test may use everywhere: it sends what it is given
    netcat.write_text(
        "#!/usr/bin/env python3\nimport socket, sys\n"
        "with socket.create_connection((sys.argv[-2], int(sys.argv[-1]))) as s:\n"
        "    s.sendall(sys.stdin.buffer.read())\n"
    )
    netcat.chmod(0o755)
    environment = {"PATH": f"{tmp_path}:/usr/bin:/bin", "TOKEN": "the-token"}
    subprocess.run(["sh", "-c", command], check=True, timeout=10, env=environment)
    thread.join(5)
    assert received == [_RAW.replace("h:0123456789ab", "the-token").encode()]


def test_the_source_address_is_kept():
    exchange = {
        "method": "GET",
        "url": "http://127.0.0.1:1/fhir",
        "request_headers": [],
        "request_body": "",
        "facts": {"source": "127.0.0.2"},
    }
    assert replay(exchange).startswith("curl --interface 127.0.0.2 --include")
    assert " -s 127.0.0.2 127.0.0.1 1" in replay({**exchange, "facts": {"source": "127.0.0.2", "raw": True}})
