"""A TLS ClientHello that offers an old version and nothing newer, as bytes, and what a server said to it.

Specs: RFC 4346 section 7.4.1.2 (TLS 1.1), RFC 8446 section 4.1.2, RFC 8996 (TLS 1.0 and 1.1 must not be used)
"""

_RECORD, _HANDSHAKE, _ALERT = 0x16, 0x01, 0x15
_CIPHERS = bytes.fromhex("c014c013c00ac009003900330035002f000a")
_NO_COMPRESSION = b"\x01\x00"
_EXTENSIONS = bytes.fromhex(
    "000a00080006001700180019"  # supported_groups: the three NIST curves
    "000b00020100"  # ec_point_formats: uncompressed
    "ff01000100"  # renegotiation_info: none yet
)
_GOODBYE = b"\x01\x00"
"""A warning alert, close_notify: a server that went along ends the connection here."""


def client_hello(version: bytes) -> bytes:
    """Return the greeting for a version (bytes 3 and 2 are TLS 1.1), then a goodbye."""
    random = b"laboratory of the five levels..."
    body = (
        version
        + random
        + b"\x00"  # no session to resume
        + len(_CIPHERS).to_bytes(2)
        + _CIPHERS
        + _NO_COMPRESSION
        + len(_EXTENSIONS).to_bytes(2)
        + _EXTENSIONS
    )
    message = bytes([_HANDSHAKE]) + len(body).to_bytes(3) + body
    return _record(_RECORD, version, message) + _record(_ALERT, version, _GOODBYE)


def went_along(answer: bytes) -> bool:
    """Tell whether the server answered with a handshake of its own instead of an alert."""
    return answer[:1] == bytes([_RECORD])


def _record(kind: int, version: bytes, content: bytes) -> bytes:
    return bytes([kind]) + version + len(content).to_bytes(2) + content
