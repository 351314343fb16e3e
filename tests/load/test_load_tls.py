"""TLS of the load's client, with a real certificate: whom it trusts, and whom it does not."""

import socket
import ssl
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from wire_peers import WHOLE, get

from lab.load.wire import Wire


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
