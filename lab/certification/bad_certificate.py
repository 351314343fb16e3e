"""Make the certificates that a client must refuse: vouched for by nobody, or for another name.

Specs: RFC 5280 (path validation), RFC 9525 (service identity in TLS)
"""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from lab.fhirserver.listening import LOOPBACK

Flaw = Literal["self-signed", "wrong-name"]
FLAWS: tuple[Flaw, ...] = ("self-signed", "wrong-name")
_ELSEWHERE = "hospital.invalid"
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class BadCertificate:
    """``context`` is what a listener shows; ``authority`` the PEM file of who vouches for it, if anybody.

    A client that trusts the authority has only the name left to refuse.
    """

    context: ssl.SSLContext
    authority: Path | None


def bad_certificate(flaw: Flaw, folder: Path) -> BadCertificate:
    """Make a certificate for the loopback address that nobody vouches for, or one for another name."""
    key, name = ec.generate_private_key(ec.SECP256R1()), _name("hospital")
    if flaw == "self-signed":
        own = _signed(name, key.public_key(), name, key, x509.IPAddress(ip_address(LOOPBACK)))
        return BadCertificate(_context(own, key, folder), None)
    authority_key, authority_name = ec.generate_private_key(ec.SECP256R1()), _name("laboratory authority")
    authority = _signed(authority_name, authority_key.public_key(), authority_name, authority_key, None)
    other = _signed(name, key.public_key(), authority_name, authority_key, x509.DNSName(_ELSEWHERE))
    file = folder / "authority.pem"
    file.write_bytes(authority.public_bytes(Encoding.PEM))
    return BadCertificate(_context(other, key, folder), file)


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _signed(
    name: x509.Name,
    public: ec.EllipticCurvePublicKey,
    issuer: x509.Name,
    signer: ec.EllipticCurvePrivateKey,
    address: x509.GeneralName | None,
) -> x509.Certificate:
    """Return a certificate for an address; without one, that of an authority."""
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _HOUR)
        .not_valid_after(now + _HOUR)
        .add_extension(x509.BasicConstraints(ca=address is None, path_length=None), critical=True)
    )
    if address is not None:
        builder = builder.add_extension(x509.SubjectAlternativeName([address]), critical=False)
    return builder.sign(signer, hashes.SHA256())


def _context(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey, folder: Path) -> ssl.SSLContext:
    file = folder / "certificate.pem"
    file.touch(mode=0o600)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + certificate.public_bytes(Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
