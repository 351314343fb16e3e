"""Level 2 on its way: HTTP and old versions of TLS are seen; requests sent at once arrive at once."""

import json
import socket
import ssl
import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from probes_bench import truth_of
from tiny_callers import client, published, truth
from tiny_vendor import Tiny, judged, living, usual, wired

from lab.checks.security.client_hello import client_hello, went_along
from lab.engine.replay import ReplayWire
from lab.fhir.client import FhirClient, Outgoing
from lab.fhir.reply import Reply
from lab.journal.journal import read_journal


def certificate(folder):
    key = rsa.generate_private_key(65_537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    dates = (datetime(2024, 1, 1, tzinfo=UTC), datetime(2044, 1, 1, tzinfo=UTC))
    signed = x509.CertificateBuilder(name, name, key.public_key(), 1, *dates).sign(key, SHA256())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file = folder / "tls.pem"
    file.write_bytes(pem + signed.public_bytes(Encoding.PEM))
    return file


def serving_tls(file, lowest, stop):
    """Serve handshakes only, from a lowest version up; return the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = lowest
    context.load_cert_chain(file)
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)

    def run():
        while not stop.is_set():
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                continue
            connection.settimeout(2)
            try:
                context.wrap_socket(connection, server_side=True).close()
            except OSError:
                connection.close()
        listener.close()

    thread = threading.Thread(target=run)
    thread.start()
    return listener.getsockname()[1], thread


class Trusting:
    """A wire to which a certificate of a test is as good as a real one; what is raw goes out."""

    def __init__(self, wire):
        self.wire = wire

    def send(self, request):
        """Answer what would need the certificate."""
        if request.raw is not None:
            return self.wire.send(request)
        return Reply("L-0", 404 if request.url.endswith("smart-configuration") else 200)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(
    ("lowest", "outcome"), [(ssl.TLSVersion.TLSv1, "fail"), (ssl.TLSVersion.TLSv1_2, "pass")]
)
def test_an_abandoned_version_of_tls_is_seen(lowest, outcome, tmp_path):
    stop = threading.Event()
    port, thread = serving_tls(certificate(tmp_path), lowest, stop)
    try:
        with wired(tmp_path) as wire:
            anonymous = FhirClient(f"https://127.0.0.1:{port}/fhir", Trusting(wire))
            known = truth_of(anonymous.base_url)
            live = judged("L2-32", anonymous=anonymous, truth=known)
    finally:
        stop.set()
        thread.join()
    assert live[0] == outcome, live
    if outcome == "fail":
        assert "TLS 1.1" in live[1]
    replayed = ReplayWire(read_journal(tmp_path / "journal.jsonl"))
    offline = replace(anonymous, wire=Trusting(replayed))
    assert judged("L2-32", anonymous=offline, truth=known) == live


def test_plain_http_is_for_this_machine_only(tmp_path):
    with wired(tmp_path) as wire:
        for base, outcome in (("http://127.0.0.1:9/fhir", "omit"), ("http://192.0.2.1:9/fhir", "fail")):
            anonymous = FhirClient(base, Trusting(wire))
            assert judged("L2-32", anonymous=anonymous, truth=truth_of(base))[0] == outcome


@pytest.mark.parametrize(
    ("url", "outcome"),
    [
        ("http://vendor.example/token", "fail"),
        ("https://vendor.example/token", "omit"),
        ("http://127.0.0.1/token", "omit"),
    ],
)
def test_an_address_published_for_clients_elsewhere_is_https(url, outcome, tmp_path):
    tiny = Tiny(lambda path, *_: published(path, {"token_endpoint": url}))
    with living(tiny), wired(tmp_path) as wire:
        end = judged("L2-32", anonymous=client(tiny, wire, token=""), truth=truth(tiny))
    assert end[0] == outcome


def test_http_at_the_port_of_https_is_seen(tmp_path):
    with living(Tiny(lambda path, *_: (200, {}, usual(path)))) as tiny, wired(tmp_path) as wire:
        base = tiny.base.replace("http:", "https:") + "/fhir"
        end = judged("L2-32", anonymous=FhirClient(base, Trusting(wire)), truth=truth_of(base))
    assert end[0] == "fail"
    assert "plain HTTP" in end[1]


def test_a_greeting_is_answered_by_a_handshake_or_an_alert():
    assert client_hello(b"\x03\x02")[:3] == b"\x16\x03\x02"
    assert went_along(b"\x16\x03\x02\x00\x05")
    assert not went_along(b"\x15\x03\x02\x00\x02\x02\x46")
    assert not went_along(b"")


def test_requests_at_once_are_answered_in_their_order(tmp_path):
    with living(Tiny(lambda path, *_: (200, {}, {"path": path}))) as tiny, wired(tmp_path) as wire:
        asked = [Outgoing("GET", f"{tiny.base}/fhir/{n}", (("Accept", "*/*"),)) for n in range(20)]
        asked.append(Outgoing("GET", "http://127.0.0.1:9/fhir/nobody"))
        replies = wire.send_at_once(asked)
    assert [json.loads(reply.body)["path"] for reply in replies[:-1]] == [f"/fhir/{n}" for n in range(20)]
    assert replies[-1].status == 0
    recorded = list(read_journal(tmp_path / "journal.jsonl"))
    assert [one.id for one in recorded] == [reply.exchange for reply in replies]
    assert ReplayWire(recorded).send_at_once(asked) == replies
