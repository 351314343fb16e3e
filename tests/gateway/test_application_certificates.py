"""Tokens bound to a client certificate, over TLS with real certificates."""

import base64
import socket
import ssl
from pathlib import Path

import httpx
import pytest
from application_bench import Authority, application, ask, ask_token, platform, read, tls_client
from cryptography.hazmat.primitives import hashes

from lab.fhirserver.listening import Tls
from lab.journal.journal import read_journal
from lab.sandbox.stack import SandboxError


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"), "hospital")


@pytest.fixture(scope="module")
def running(tmp_path_factory, authority):
    certificate, key, _ = authority.issue("platform")
    clients = (application("bound", certificate_bound=True), application("bearer"))
    tls = Tls(certificate, key, str(authority.file))
    with platform(tmp_path_factory.mktemp("tls"), *clients, tls=tls) as (stack, plan):
        assert stack.addresses.fhir_base_url.startswith("https://")
        yield stack.addresses, plan


@pytest.fixture(scope="module")
def mine(authority):
    certificate, key, issued = authority.issue("bound")
    with tls_client(authority, certificate, key) as http:
        yield http, base64.urlsafe_b64encode(issued.fingerprint(hashes.SHA256())).rstrip(b"=").decode()


@pytest.fixture(scope="module")
def another(authority):
    certificate, key, _ = authority.issue("another")
    with tls_client(authority, certificate, key) as http:
        yield http


@pytest.fixture(scope="module")
def bare(authority):
    with tls_client(authority) as http:
        yield http


def test_a_bound_token_serves_with_its_certificate_alone(running, mine, another, bare):
    addresses, plan = running
    http, _ = mine
    token = ask_token(http, addresses, "bound").json()["access_token"]
    assert read(http, addresses, token).status_code == 200
    refused = [read(other, addresses, token) for other in (another, bare)]
    unknown = read(bare, addresses, "unknown")
    assert {(one.status_code, one.content) for one in refused} == {(401, unknown.content)}
    decided = [e.decision for e in read_journal(Path(plan.journal))][-3:]
    assert [(d.level, d.rule) for d in decided] == [(2, "certificate"), (2, "certificate"), (2, "token")]
    assert ["another" in d.reason for d in decided] == [True, False, False]


def test_introspection_tells_the_certificate(running, mine):
    addresses, _ = running
    http, thumbprint = mine
    token = ask_token(http, addresses, "bound").json()["access_token"]
    told = ask(http, addresses.introspection_url, "bound", token=token).json()
    assert told["cnf"] == {"x5t#S256": thumbprint}


def test_an_application_that_must_show_a_certificate_gets_no_token_without(running, bare):
    answer = ask_token(bare, running[0], "bound")
    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})


def test_a_bearer_token_is_not_bound_by_the_certificate_that_was_there(running, mine, bare):
    addresses, _ = running
    token = ask_token(mine[0], addresses, "bearer").json()["access_token"]
    assert read(bare, addresses, token).status_code == 200
    assert "cnf" not in ask(bare, addresses.introspection_url, "bearer", token=token).json()


def test_a_certificate_of_another_authority_is_refused(running, authority, tmp_path):
    certificate, key, _ = Authority(tmp_path, "stranger").issue("bound")
    with tls_client(authority, certificate, key) as http, pytest.raises(httpx.TransportError):
        ask_token(http, running[0], "bound")


def test_a_certificate_named_in_a_header_is_none(running, mine, bare):
    addresses, _ = running
    token = ask_token(mine[0], addresses, "bound").json()["access_token"]
    for name in ("X-Client-Cert", "Client-Cert", "X-SSL-Client-Cert", "X-Forwarded-Client-Cert"):
        assert read(bare, addresses, token, **{name: mine[1]}).status_code == 401


def test_plain_http_and_old_tls_are_refused(running, authority):
    url = httpx.URL(running[0].fhir_base_url)
    with httpx.Client(trust_env=False) as http, pytest.raises(httpx.TransportError):
        http.get(f"http://{url.host}:{url.port}/fhir/metadata")
    context = ssl.create_default_context(cafile=authority.file)
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    with (
        socket.create_connection((url.host, url.port), timeout=5) as raw,
        pytest.raises(ssl.SSLError),
        context.wrap_socket(raw, server_hostname=url.host),
    ):
        pytest.fail("the handshake should not succeed")


def test_the_configuration_says_what_is_offered(running, bare):
    addresses, _ = running
    told = bare.get(f"{addresses.fhir_base_url}/.well-known/smart-configuration").json()
    assert told["tls_client_certificate_bound_access_tokens"] is True
    assert told["token_endpoint"] == addresses.token_url
    for name in ("token_endpoint", "introspection_endpoint", "revocation_endpoint"):
        assert bare.get(told[name]).status_code == 400  # there, and only for POST
        assert told[f"{name}_auth_methods_supported"] == ["private_key_jwt"]


@pytest.mark.parametrize("wrong", ["absent", "no certificate"])
def test_files_that_secure_nothing_are_one_clear_sentence(tmp_path, wrong):
    path = tmp_path / "file.pem"
    if wrong == "no certificate":
        path.write_text("nothing")
    asked = Tls(str(path), str(path))
    with (
        pytest.raises(SandboxError, match="cannot be secured"),
        platform(tmp_path, application("a"), tls=asked),
    ):
        pytest.fail("the sandbox should not start")
