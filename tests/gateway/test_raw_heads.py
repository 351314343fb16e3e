"""Request lines and headers that no client library would send: an exact status, never a second reading.

Spec: https://www.rfc-editor.org/rfc/rfc9112#section-3; reference: five-levels, X-02 to X-04, L2-25.
"""

import json
import re
from pathlib import Path

import pytest
from raw_requests import markers, wires


@pytest.fixture(scope="module")
def wire(hospital, callers):
    return wires(hospital, callers["full"].token)["gateway"]


def sent(wire, line, headers=None):
    """Send one request line; return what was heard of it, and of a request that follows."""
    outer, inner = markers()
    head = f"{line.format(outer)}\r\n{wire.headers if headers is None else headers}\r\n"
    raw = head.encode("utf-8") + wire.request(inner, "Connection: close\r\n")
    return wire.send(raw, outer=outer, inner=inner)


@pytest.mark.parametrize(
    ("lines", "status"),
    [
        ("Host: other.example\r\n", 400),
        ("Authorization: Bearer wrong\r\n", 400),
        ("Content-Type: a/b\r\nContent-Type: a/b\r\n", 400),
        ("content-type: a/b\r\nCONTENT-TYPE: c/d\r\n", 400),
        ("X-HTTP-Method-Override: DELETE\r\n", 400),
        ("X-HTTP-Method: DELETE\r\n", 400),
        ("X-Method-Override: DELETE\r\n", 400),
        ("X-A: a\x00b\r\n", 400),
        ("X-A: a\x7fb\r\n", 400),
        ("X-A : b\r\n", 400),
        (" X-A: b\r\n", 400),
        ("\tX-A: b\r\n", 400),
        (": b\r\n", 400),
        ("junk\r\n", 400),
        ("X A: b\r\n", 400),
        ("Content-Length: 20000000\r\n", 413),
        ("X-A: b\r\n" * 100, 431),
        (f"X-A: {'b' * 70_000}\r\n", 431),
        (f"{'X' * 70_000}: b\r\n", 431),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_ambiguous_or_endless_headers_are_refused(wire, lines, status, first):
    headers = lines + wire.headers if first else wire.headers + lines
    if status == 413:  # its body is read and thrown away, so that the client can read why
        headers += "Connection: close\r\n"
    heard = sent(wire, "GET /fhir/Patient/{} HTTP/1.1", headers)
    assert heard.refused, heard
    assert heard.statuses == (status,)


@pytest.mark.parametrize(
    "start",
    ["X-A: ", "X", "Transfer-Encoding: chunked\r\n\r\n1;", "Transfer-Encoding: chunked\r\n\r\n0\r\nX-A: "],
)
def test_what_never_ends_is_cut(wire, start):
    raw = wire.request("x", method="POST")[:-2] + start.encode() + b"b" * 5_000_000
    heard = wire.send(raw)
    assert heard.closed
    assert set(heard.statuses) <= {400, 431}  # the connection may be reset before that can be read


@pytest.mark.parametrize(
    "host", ["", "a b", "a@b", "a/b", "a?b", "a#b", "a,b", "a:b", "a:99999999", "[::1", "é.example", "a%00b"]
)
def test_a_host_is_a_host(wire, host):
    authorization = wire.headers.splitlines(keepends=True)[1]
    line = "GET /fhir/Patient/{} HTTP/1.1"
    assert sent(wire, line, f"Host: {host}\r\n{authorization}").statuses == (400,)


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_request_names_its_host(wire, version):
    authorization = wire.headers.splitlines(keepends=True)[1]
    heard = sent(wire, f"GET /fhir/Patient/{{}} HTTP/{version}", authorization)
    assert heard.refused, heard
    assert heard.statuses == (400,)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "[2001:db8::1]:443", "127.0.0.1"])
def test_links_never_come_from_the_header_host(wire, host):
    authorization = wire.headers.splitlines(keepends=True)[1]
    raw = f"GET /fhir/Patient?_count=1 HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-Host: {host}\r\n"
    heard = wire.send(f"{raw}{authorization}Connection: close\r\n\r\n".encode())
    assert heard.statuses == (200,)
    links = [link["url"] for link in json.loads(heard.bytes.partition(b"\r\n\r\n")[2])["link"]]
    right = "http://{}:{}/fhir/Patient".format(*wire.address)
    assert links
    assert all(url.startswith(right) for url in links)


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("GET http://other.example/fhir/Patient/{} HTTP/1.1", 400),
        ("GET https://other.example/fhir/Patient/{} HTTP/1.1", 400),
        ("GET http://user:pass@other.example/fhir/Patient/{} HTTP/1.1", 400),
        ("GET //other.example/fhir/Patient/{} HTTP/1.1", 404),
        ("GET * HTTP/1.1", 400),
        ("OPTIONS * HTTP/1.1", 400),
        ("GET /fhir/Patient/{}#x HTTP/1.1", 400),
        ("GET /fhir/Patient?_id={}#x HTTP/1.1", 400),
        ("GET /fhir/Patient?_id={}%23x HTTP/1.1", 200),
        ("GET fhir/Patient/{} HTTP/1.1", 400),
        ("GET /fhir/Patient/é HTTP/1.1", 400),
        ("GET /fhir/Patient?name=é HTTP/1.1", 400),
        ("GET /fhir/Patient/a b HTTP/1.1", 400),
        ("GET /fhir/Patient/\x00 HTTP/1.1", 400),
        ("GET\t/fhir/Patient/{} HTTP/1.1", 400),
        (" GET /fhir/Patient/{} HTTP/1.1", 400),
        ("GET /fhir/Patient/{}", 505),  # HTTP/0.9
        ("GET /fhir/Patient/{} HTTP/0.9", 505),
        ("GET /fhir/Patient/{} HTTP/1.2", 400),
        ("GET /fhir/Patient/{} HTTP/2.0", 505),
        ("GET /fhir/Patient/{} HTTP/11", 400),
        ("GET /fhir/Patient/{} http/1.1", 400),
        ("GET /fhir/Patient/{} XTTP/1.1", 400),
        ("PRI * HTTP/2.0", 400),
        ("CONNECT other.example:443 HTTP/1.1", 400),
        ("get /fhir/Patient/{} HTTP/1.1", 400),
        ("Get /fhir/Patient/{} HTTP/1.1", 400),
        ("STEAL /fhir/Patient/{} HTTP/1.1", 400),
        (f"GET /fhir/Patient?_id={'x' * 70_000} HTTP/1.1", 431),
    ],
)
def test_a_request_line_is_of_one_form(wire, line, status):
    heard = sent(wire, line)
    assert heard.statuses[0] == status, heard
    if status not in {200, 404}:
        assert heard.refused, heard


@pytest.mark.parametrize("method", ["CONNECT", "TRACE", "OPTIONS", "PURGE", "PROPFIND", "LINK", "QUERY"])
def test_a_method_that_the_path_does_not_have_is_405(wire, method):
    outer, _ = markers()
    raw = wire.request(outer, "Origin: https://evil.example\r\nConnection: close\r\n", method)
    heard = wire.send(raw, outer=outer)
    assert heard.statuses == heard.outer == (405,)
    told = heard.bytes.lower()
    assert b"\r\nallow: delete, get, head, patch, put\r\n" in told
    assert b"bearer" not in told  # TRACE would say the token again
    assert b"evil.example" not in told
    assert b"\r\nserver:" not in told


@pytest.mark.parametrize(
    "path",
    [
        "/fhir//Patient/{}",
        "/fhir/./Patient/{}",
        "/fhir/../fhir/Patient/{}",
        "/fhir/Patient/x/../{}",
        "/fhir/%2e%2e/fhir/Patient/{}",
        "/fhir/%2E/Patient/{}",
        "/fhir/%252e%252e/Patient/{}",
        "/fhir/%c0%ae%c0%ae/Patient/{}",
        "/fhir/Patient%2f{}",
        "/fhir/Patient%5c{}",
        "/fhir/Patient\\{}",
        "/fhir/Patient/{}/",
        "/fhir/Patient/{}%00",
        "/fhir/Patient/{}%20",
        "/fhir/Patient/{}%0d%0aX:%20y",
        "/fhir/Patient/{};a=b",
        "/fhir/Patient;a=b/{}",
        "/fhir/%50atient/{}",
        "/fhir/Patient/%C3%A9{}",
        "/fhir//metadata",
        "/fhir/./metadata",
        "/fhir/metadata/",
        "/fhir/.well-known/../Patient/{}",
        "/fhir/.well-known/smart-configuration/",
    ],
)
def test_a_path_that_could_be_another_is_refused(wire, path):
    heard = sent(wire, f"GET {path} HTTP/1.0")
    assert heard.statuses == (400,), heard
    assert not heard.inner
    assert b'"OperationOutcome"' in heard.bytes


@pytest.mark.parametrize(
    "path",
    [
        "/{}",
        "//fhir/Patient/{}",
        "/%66hir/Patient/{}",
        "/FHIR/Patient/{}",
        "/fhirx/Patient/{}",
        "/fhir%2fPatient/{}",
        "/fhir%00/Patient/{}",
        "/admin/../fhir/Patient/{}",
        "/docs",
        "/reset",
        "/__seed",
        "/metrics",
        "/AuditEvent",
        "/fhir/patient/{}",
        "/fhir/Patient/{}/x",
    ],
)
def test_a_path_of_nothing_is_404(wire, path):
    assert sent(wire, f"GET {path} HTTP/1.0").statuses == (404,)


@pytest.mark.parametrize(
    "query",
    ["&", "a&b=1", "_count=1;_count=2", "_count=1&_count=2", "name=%", "name=%ff", "name=%ed%a0%80", "%ff=a"],
)
def test_a_query_that_could_be_another_is_refused(wire, query):
    heard = sent(wire, f"GET /fhir/Patient?{query} HTTP/1.0")
    assert heard.statuses == (400,), heard


def test_http_1_0_is_answered_once(wire):
    heard = sent(wire, "GET /fhir/Patient/{} HTTP/1.0")
    assert heard.statuses == heard.outer == (404,)
    assert heard.closed
    assert not heard.inner


def test_an_unauthorised_caller_learns_nothing_by_its_framing(wire):
    """The network and the token are asked before the path is: no 404 tells what stands where."""
    told = set()
    for path in ("/fhir/Patient/x", "/fhir/Nothing/x", "/fhir/Patient/../x", "/fhir/$x", "/fhir/Patient?%ff"):
        heard = wire.send(f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())
        told.add(re.sub(rb"\r\ndate: [^\r]+", b"", heard.bytes))  # the one line a clock writes
    assert len(told) == 1
    assert told.pop().startswith(b"HTTP/1.1 401 ")


def test_what_stands_in_a_fragment_is_not_written_down(wire, hospital):
    """Some programs put tokens there; no server should ever get to see it."""
    sent(wire, "GET /fhir/Patient/{}?a=b#access_token=a-secret-of-nobody HTTP/1.1")
    sent(wire, "GET /fhir/Patient/{}#access_token=a-secret-of-nobody HTTP/1.1")
    _, plan = hospital
    folder = Path(plan.journal).parent
    written = [path for path in folder.rglob("*") if path.is_file()]
    assert Path(plan.journal) in written
    assert not any(b"a-secret-of-nobody" in path.read_bytes() for path in written)
