"""An answer whose connection ends before it does."""

from collections.abc import Iterator


class CutError(ConnectionError):
    """The end of the connection: the server closes it, the answer stays without its end."""


def broken_off(body: bytes) -> Iterator[bytes]:
    """Yield the bytes that still come, then end the connection."""
    yield body
    raise CutError
