"""A sandbox of one's own, with its applications as plans say, and what they send to it."""

import secrets
import ssl
import time
import uuid
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import httpx
import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from gateway_hospital import KEY, grant

from lab.authserver.application import ASSERTION_TYPE
from lab.fhir.permission import NETWORK
from lab.sandbox.plan import SandboxPlan
from lab.sandbox.stack import sandbox


def application(client_id, *networks, opened=("Patient", "Observation"), **more):
    """Return a client that reads these types whole, from its networks (the loopback address by default)."""
    client = grant(client_id, " ".join(f"system/{type_}.rs" for type_ in opened), dict.fromkeys(opened, ()))
    if networks:
        cidrs = [{"url": "cidr", "valueString": network} for network in networks]
        (rule,) = client.permission["rule"]
        rule["modifierExtension"] = [{"url": NETWORK, "extension": cidrs}]
    return replace(client, **more)


@contextmanager
def platform(folder, *clients, **more):
    """Run a sandbox of these clients."""
    plan = SandboxPlan(
        seed=7,
        patients=20,
        journal=str(folder / "hospital.jsonl"),
        store=str(folder / "hospital.db"),
        redaction_key="00" * 32,
        laboratory_secret=secrets.token_urlsafe(8),
        clients=clients,
        **more,
    )
    with sandbox(plan, folder / "sandbox.log") as running:
        yield running, plan


def signed(client_id, audience, **changed):
    """Return an assertion for one endpoint."""
    now = int(time.time())
    claims = {"iss": client_id, "sub": client_id, "aud": audience, "iat": now, "exp": now + 200}
    return jwt.encode(
        {**claims, "jti": str(uuid.uuid4()), **changed},
        KEY.private,
        algorithm="ES384",
        headers={"kid": KEY.kid},
    )


def ask(http, url, client_id, headers=None, **fields):
    """Call an endpoint of the token server in the name of an application."""
    form = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": signed(client_id, url), **fields}
    return http.post(url, data=form, headers=headers)


def ask_token(http, addresses, client_id, headers=None, scope="system/Patient.rs", **fields):
    """Ask for a token."""
    more = {"grant_type": "client_credentials", "scope": scope, **fields}
    return ask(http, addresses.token_url, client_id, headers, **more)


def read(http, addresses, token, path="Patient?_count=1", **headers):
    """Read with a token."""
    return http.get(
        f"{addresses.fhir_base_url}/{path}", headers={"Authorization": f"Bearer {token}", **headers}
    )


@contextmanager
def from_address(address, **more):
    """Call from another address of this machine."""
    transport = httpx.HTTPTransport(local_address=address, **more)
    with httpx.Client(transport=transport, trust_env=False) as http:
        yield http


class Authority:
    """A certificate authority of the test's, and the files of what it signed."""

    def __init__(self, folder, name):
        self._folder, self._key = folder, ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.file = folder / f"{name}.pem"
        certificate = self._sign(self._name, self._key.public_key(), x509.BasicConstraints(True, None))
        self.file.write_bytes(certificate.public_bytes(Encoding.PEM))

    def _sign(self, subject, key, *extensions):
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder(
            self._name,
            subject,
            key,
            x509.random_serial_number(),
            now - timedelta(hours=1),
            now + timedelta(hours=1),
        )
        for extension in extensions:
            builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        return builder.sign(self._key, hashes.SHA256())

    def issue(self, name, address="127.0.0.1"):
        """Return the files of a new certificate and of its key, with the certificate itself."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        alternative = x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))])
        certificate = self._sign(subject, key.public_key(), x509.BasicConstraints(False, None), alternative)
        paths = self._folder / f"{name}.crt", self._folder / f"{name}.key"
        paths[0].write_bytes(certificate.public_bytes(Encoding.PEM))
        paths[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return *(str(path) for path in paths), certificate


def tls_client(authority, certificate="", key=""):
    """Return a client that trusts the authority and shows the certificate."""
    context = ssl.create_default_context(cafile=authority.file)
    if certificate:
        context.load_cert_chain(certificate, key)
    return httpx.Client(verify=context, trust_env=False, timeout=10)
