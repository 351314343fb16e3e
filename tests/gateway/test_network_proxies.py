"""Level 1 on a running platform: peers, proxies and the application's own network, at both of its servers."""

import socket

import httpx
import pytest
from application_bench import application, ask_token, from_address, platform, read

from lab.sandbox.stack import SandboxError

FROM_PROXY = "127.0.0.9"
INSIDE = "10.31.0.5"


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    clients = (
        application("hospital-app", "10.31.0.0/16", "2001:db8:31::/48"),
        application("other-app", "10.40.0.0/16", "127.0.0.1/32"),
    )
    with platform(tmp_path_factory.mktemp("proxies"), *clients, proxies=(f"{FROM_PROXY}/32",)) as (stack, _):
        yield stack.addresses


@pytest.fixture(scope="module")
def proxy():
    with from_address(FROM_PROXY) as http:
        yield http


@pytest.fixture(scope="module")
def token(running, proxy):
    return ask_token(proxy, running, "hospital-app", {"X-Forwarded-For": INSIDE}).json()["access_token"]


def statuses(proxy, running, token, headers):
    """Return what both servers say of a caller that a proxy describes so."""
    asked = ask_token(proxy, running, "hospital-app", headers)
    found = read(proxy, running, token, **(headers if isinstance(headers, dict) else {}))
    return asked.status_code, found.status_code


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-For": INSIDE},
        {"X-Forwarded-For": f"192.0.2.1, {INSIDE}"},
        {"X-Forwarded-For": f"{INSIDE}, {FROM_PROXY}"},
        {"X-Forwarded-For": "::ffff:10.31.0.5"},
        {"X-Forwarded-For": "2001:db8:31::7"},
        {"Forwarded": f"for={INSIDE};proto=https"},
        {"Forwarded": 'for="[2001:db8:31::7]:4711"'},
        {"Forwarded": f"for={INSIDE}", "X-Forwarded-For": INSIDE, "X-Real-IP": "192.0.2.1"},
    ],
)
def test_a_caller_inside_is_served_through_the_proxy(running, proxy, token, headers):
    assert statuses(proxy, running, token, headers) == (200, 200)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Real-IP": INSIDE},
        {"X-Forwarded-For": "192.0.2.1"},
        {"X-Forwarded-For": f"{INSIDE}, 192.0.2.1"},
        {"X-Forwarded-For": f"{INSIDE}:80"},
        {"X-Forwarded-For": f"{INSIDE}\t,"},
        {"X-Forwarded-For": "[::1"},
        {"X-Forwarded-For": "junk"},
        {"X-Forwarded-For": "2001:db8:32::7"},
        {"Forwarded": f"for={INSIDE}, for=192.0.2.1"},
        {"Forwarded": "for=unknown"},
        {"Forwarded": f"for={INSIDE}", "X-Forwarded-For": "10.31.0.6"},
        {"X-Forwarded-For": "10.40.0.1"},  # inside the union, outside the application's own network
    ],
)
def test_any_other_caller_is_refused_at_both_servers(running, proxy, token, headers):
    assert statuses(proxy, running, token, headers) == (403, 403)


def test_two_lines_are_refused(running, proxy, token):
    lines = [("X-Forwarded-For", INSIDE), ("X-Forwarded-For", INSIDE), ("Authorization", f"Bearer {token}")]
    assert proxy.get(f"{running.fhir_base_url}/Patient", headers=lines).status_code == 403


@pytest.mark.parametrize(
    "header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "True-Client-IP", "X-Client-IP"]
)
def test_who_is_no_proxy_is_not_believed(running, token, header):
    value = f"for={INSIDE}" if header == "Forwarded" else INSIDE
    for source in ("127.0.0.1", "127.0.0.2"):
        with from_address(source) as http:
            assert read(http, running, token, **{header: value}).status_code == 403
            assert ask_token(http, running, "hospital-app", {header: value}).status_code == 403


def test_an_application_asks_from_its_own_network(running):
    with from_address("127.0.0.1") as http:
        assert ask_token(http, running, "other-app").status_code == 200
        assert ask_token(http, running, "hospital-app").status_code == 403


def test_the_refusal_is_the_same_whatever_is_asked(running, token):
    with from_address("127.0.0.2") as http:
        paths = ("Patient", "Patient/unknown", "metadata", ".well-known/smart-configuration", "../x")
        told = {
            (answer.status_code, answer.content)
            for answer in (
                *(read(http, running, token, path) for path in paths),
                *(read(http, running, "wrong", path) for path in paths),
            )
        }
        assert len(told) == 1
        origin = running.token_url.removesuffix("/token")
        asked = [
            ask_token(http, running, "other-app"),
            ask_token(http, running, "nobody"),
            http.get(f"{origin}/x"),
            http.get(f"{origin}/introspect"),
        ]
        assert {(one.status_code, one.content) for one in asked} == {(403, b'{"error":"access_denied"}')}


def test_a_proxy_protocol_preface_is_no_request(running):
    url = httpx.URL(running.fhir_base_url)
    preface = (
        f"PROXY TCP4 {INSIDE} {url.host} 4711 {url.port}\r\nGET /fhir/metadata HTTP/1.1\r\nHost: x\r\n\r\n"
    )
    with socket.create_connection((url.host, url.port), timeout=5) as raw:
        raw.sendall(preface.encode())
        answer = raw.recv(4096)
        assert answer.startswith(b"HTTP/1.1 400")
        assert raw.recv(4096) == b""


def test_a_proxy_that_is_no_network_is_said_in_one_sentence(tmp_path):
    with (
        pytest.raises(SandboxError, match="A proxy is a network such as"),
        platform(tmp_path, application("app"), proxies=("10.0.0.1/8",)),
    ):
        pytest.fail("the sandbox should not start")
