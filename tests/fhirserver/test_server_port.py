"""The port of the hospital's own: its key, and nothing ambiguous in a request."""

import socket
from urllib.parse import urlsplit

import httpx
import pytest
from server_hospital import KEY


@pytest.mark.parametrize(
    "value", ["", "Bearer", "Bearer wrong", f"Basic {KEY}", KEY, f"Bearer {KEY}x", "Bearer é"]
)
@pytest.mark.parametrize("path", ["/metadata", "/Patient/in1", "/nothing"])
def test_nothing_is_served_without_the_key(reading_address: str, value: str, path: str) -> None:
    headers = {"authorization": value.encode()} if value else {}
    with httpx.Client(trust_env=False) as client:
        answer = client.get(reading_address + path, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["resourceType"] == "OperationOutcome"


def raw(address: str, head: str, body: bytes = b"") -> bytes:
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as connection:
        connection.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        chunks = []
        while chunk := connection.recv(65536):
            chunks.append(chunk)
    return b"".join(chunks)


@pytest.mark.parametrize(
    ("line", "extra", "status"),
    [
        ("GET /fhir/Patient/in1", "", 200),
        ("GET /fhir/Patient/in1", f"\nAuthorization: Bearer {KEY}", 400),
        ("GET /fhir/Patient/in1", "\nHost: elsewhere.test", 400),
        ("GET /fhir/Patient/in1", "\nX-HTTP-Method-Override: DELETE", 400),
        ("GET /fhir/Patient/%69n1", "", 400),
        ("GET /fhir/Patient//in1", "", 400),
        ("GET /fhir/Patient/../Patient/in1", "", 400),
        ("GET /fhir/Patient/in1%2f_history", "", 400),
        ("GET /fhir/Patient?x", "", 400),
        ("GET /fhirPatient/in1", "", 404),
        ("GET /Patient/in1", "", 404),
    ],
)
def test_a_request_has_one_reading(reading_address: str, line: str, extra: str, status: int) -> None:
    head = f"{line} HTTP/1.1\nHost: hospital.test\nAuthorization: Bearer {KEY}{extra}\nConnection: close"
    answer = raw(reading_address, head)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    if status != 200:
        assert b"OperationOutcome" in answer


def test_a_long_body_is_refused_before_it_is_read(reading_address: str) -> None:
    head = f"POST /fhir/Patient HTTP/1.1\nHost: h\nAuthorization: Bearer {KEY}\nContent-Length: 10000001"
    assert raw(reading_address, f"{head}\nConnection: close").startswith(b"HTTP/1.1 413 ")


def test_links_are_of_the_configured_address(http: httpx.Client, address: str) -> None:
    answer = http.get(
        "/Patient?_count=1", headers={"host": "elsewhere.test", "x-forwarded-host": "evil.test"}
    )
    assert all(link["url"].startswith(f"{address}/Patient") for link in answer.json()["link"])
    assert answer.headers["x-request-id"]
