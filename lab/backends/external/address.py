"""Where the server behind is: its base, the names it gives itself, and the headers that it wants.

Only this machine is spoken to, or a host that the operator has named.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")
_VALUE = re.compile(r"[\x20-\x7e]{0,8192}")
_OURS = frozenset({"host", "content-length", "content-type", "transfer-encoding", "connection", "accept"})
_REST = re.compile(r"[A-Za-z0-9\-._~!$&'()*+,;=:@/?%|]*")


class AddressError(ValueError):
    """An address that is not one, or that this platform does not speak to."""


@dataclass(frozen=True)
class Address:
    """``base`` has no slash at its end; ``also`` are other bases under which the server names itself."""

    base: str
    headers: tuple[tuple[str, str], ...] = ()
    also: tuple[str, ...] = ()

    @property
    def bases(self) -> tuple[str, ...]:
        """Return every base that means this server."""
        return (self.base, *self.also)

    def inside(self, url: str) -> str | None:
        """Return what follows the base in a URL of this server, with its ``/`` or ``?``; None elsewhere."""
        for base in self.bases:
            rest = url.removeprefix(base)
            if url.startswith(base) and (rest[:1] in {"/", "?"}) and _REST.fullmatch(rest):
                path = rest.partition("?")[0]
                dotted = any(part in {".", ".."} for part in path.lower().replace("%2e", ".").split("/"))
                return None if dotted or "//" in path or "%2f" in path.lower() else rest
        return None


def address(
    base: str, headers: Sequence[str] = (), *, hosts: Collection[str] = (), also: Sequence[str] = ()
) -> Address:
    """Return the address of a server; each header is written ``Name: value``.

    Raises:
        AddressError: one sentence that says what was expected, what was seen, and what to do.
    """
    if not _is_base(base):
        message = f"A FHIR base is written http://host:port/path, without query or password; seen: {base!r}."
        raise AddressError(message)
    host = urlsplit(base).hostname or ""
    if not _is_this_machine(host) and host not in hosts:
        message = f"{host} is not this machine: name it with --backend-host {host} if it may be spoken to."
        raise AddressError(message)
    if wrong := next((name for name in also if not _is_base(name)), None):
        message = f"Another name of the server is a FHIR base as well; seen: {wrong!r}."
        raise AddressError(message)
    return Address(
        base.rstrip("/"), tuple(_header(text) for text in headers), tuple(name.rstrip("/") for name in also)
    )


def _is_base(text: str) -> bool:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    plain = not (parts.query or parts.fragment or parts.username or parts.password or "@" in parts.netloc)
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and plain and port != 0


def _is_this_machine(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not _NAME.fullmatch(name.strip()) or not _VALUE.fullmatch(value.strip()):
        # The value is not repeated: it is most often a secret.
        message = "A header of the backend is written 'Name: value'; one is not. Quote it as one argument."
        raise AddressError(message)
    if name.strip().lower() in _OURS:
        message = f"The header {name.strip()} is written by the platform itself: leave it out."
        raise AddressError(message)
    return name.strip().lower(), value.strip()
