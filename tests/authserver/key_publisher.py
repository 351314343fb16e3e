"""A server of key sets, over HTTP or TLS, which answers what a test sets."""

import json
import ssl
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address

from assertion_bench import jwk
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from jwt.algorithms import ECAlgorithm

OLD, NEW = (ec.generate_private_key(ec.SECP384R1()) for _ in range(2))


def key_set(**keys):
    return {"keys": [jwk(ECAlgorithm, key, kid=kid, alg="ES384") for kid, key in keys.items()]}


class Publisher:
    """A server of key sets; ``body``, ``status``, ``headers`` and ``slow_s`` are what a test sets."""

    def __init__(self):
        self.body, self.status, self.headers, self.slow = key_set(old=OLD), 200, {}, threading.Event()
        self.slow.set()
        self.asked = 0
        publisher = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                """Answer as the test wants."""
                publisher.asked += 1
                publisher.slow.wait(10)
                body = publisher.body
                content = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(publisher.status)
                for name, value in {"Content-Length": str(len(content)), **publisher.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    self.wfile.write(content)
                except OSError:  # whoever asked has gone
                    self.close_connection = True

            def log_message(self, *_):
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/jwks.json"


def over_tls(publisher, folder):
    """Serve over TLS with a certificate of its own, which is then in ``authority.pem``."""
    now, name = datetime.now(UTC), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "publisher")])
    alternative = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    certificate = (
        x509.CertificateBuilder(name, name, NEW.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(alternative, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(NEW, hashes.SHA256())
        .public_bytes(Encoding.PEM)
    )
    key = NEW.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "authority.pem").write_bytes(certificate)
    (folder / "both.pem").write_bytes(key + certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "both.pem")
    publisher.server.socket = context.wrap_socket(publisher.server.socket, server_side=True)
    publisher.url = publisher.url.replace("http:", "https:")
